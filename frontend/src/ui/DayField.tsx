import { Input } from "antd";
import dayjs from "dayjs";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { isDay } from "@/lib/days";

interface Props {
  label: string;
  day: string;
  onChange: (day: string | undefined) => void;
}

/** A day where the reader is, chosen or typed: a year of which one digit is typed is none yet. */
export function DayField({ label, day, onChange }: Props) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(day);
  useEffect(() => setTyped(day), [day]);
  return (
    <Input
      type="date"
      prefix={label}
      aria-label={label}
      title={t("dayIn", { zone: dayjs().format("Z") })}
      style={{ width: 190 }}
      value={typed}
      onChange={({ target: { value } }) => {
        setTyped(value);
        if (!value || isDay(value)) onChange(value || undefined);
      }}
      onBlur={() => setTyped(day)}
    />
  );
}
