import { PlusOutlined } from "@ant-design/icons";
import { AutoComplete, Button, Space, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { FieldPath } from "@/ui/fieldErrors";
import { LimitField } from "./LimitField";

interface Props {
  title: string;
  hint: string;
  at: FieldPath;
  /** What is shown from the start. */
  names: string[];
  reservedOf: (name: string) => number | null;
  suggestions: string[];
  /** Whether the suggestions are all that there is. */
  areAll?: boolean;
  addLabel: string;
  isCountOfGpus?: boolean;
}

/** A limit for each of some names; more can be added. */
export function LimitFields({ title, hint, names, suggestions, addLabel, ...rows }: Props) {
  const { t } = useTranslation("projects");
  const [added, setAdded] = useState<string[]>([]);
  const [typed, setTyped] = useState("");
  const shown = [...names, ...added.filter((name) => !names.includes(name))];
  const add = (name: string): void => {
    if (name && !shown.includes(name)) setAdded([...added, name]);
    setTyped("");
  };
  return (
    <fieldset className="slipway-plain-fieldset">
      <legend>
        <Typography.Text strong>{title}</Typography.Text>
      </legend>
      <Typography.Paragraph type="secondary">{hint}</Typography.Paragraph>
      {shown.map((name) => (
        <LimitField
          key={name}
          name={name}
          path={[...rows.at, name]}
          reserved={rows.reservedOf(name)}
          isCountOfGpus={rows.isCountOfGpus ?? false}
          isAbsent={(rows.areAll ?? false) && !suggestions.includes(name)}
        />
      ))}
      <Space.Compact block>
        <AutoComplete
          aria-label={addLabel}
          placeholder={addLabel}
          value={typed}
          onChange={setTyped}
          onSelect={add}
          onKeyDown={(event) => {
            // Enter adds what was typed; it would send the form without it.
            if (event.key !== "Enter" || event.defaultPrevented) return;
            event.preventDefault();
            add(typed.trim());
          }}
          options={suggestions.filter((name) => !shown.includes(name)).map((value) => ({ value }))}
          style={{ width: "100%" }}
        />
        <Button
          icon={<PlusOutlined />}
          aria-label={t("add")}
          disabled={!typed.trim()}
          onClick={() => add(typed.trim())}
        />
      </Space.Compact>
    </fieldset>
  );
}
