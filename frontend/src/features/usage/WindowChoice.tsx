import { Button, Checkbox, Flex, Segmented } from "antd";
import dayjs from "dayjs";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { ownWindowOf, type SummarySearch, WINDOWS, windowOf } from "./queries";

interface Props {
  search: SummarySearch;
  onChange: (change: SummarySearch) => void;
}

const OWN = "own";
/** As the browser's field of a time writes it: in the reader's zone, to the minute. */
const FIELD = "YYYY-MM-DDTHH:mm";

/** Over what time the page looks: the last hours or days, or from one moment to another. */
export function WindowChoice({ search, onChange }: Props) {
  const { t } = useTranslation("usage");
  const own = ownWindowOf(search);
  const [isChoosing, setChoosing] = useState(false);
  const isOwn = own !== undefined || isChoosing;
  return (
    <Flex gap={12} wrap align="center" style={{ minWidth: 0 }}>
      <Segmented
        aria-label={t("window")}
        value={isOwn ? OWN : windowOf(search.window)}
        options={[
          ...WINDOWS.map((value) => ({ value, label: t(`windows.${value}`) })),
          { value: OWN, label: t("windows.own") },
        ]}
        onChange={(value) => {
          setChoosing(value === OWN);
          if (value !== OWN) onChange({ window: value, from: undefined, to: undefined });
        }}
      />
      {isOwn && (
        <OwnWindow
          search={search}
          onChoose={(change) => {
            setChoosing(false);
            onChange(change);
          }}
        />
      )}
      <Checkbox
        checked={search.compare === "before"}
        onChange={({ target }) => onChange({ compare: target.checked ? "before" : undefined })}
      >
        {t("compare")}
      </Checkbox>
    </Flex>
  );
}

interface OwnProps {
  search: SummarySearch;
  onChoose: (change: SummarySearch) => void;
}

/** From one moment to another; what the API would not answer cannot be chosen. */
function OwnWindow({ search, onChoose }: OwnProps) {
  const { t } = useTranslation("usage");
  const until = dayjs(search.to || undefined);
  const [to, setTo] = useState(until.format(FIELD));
  const [from, setFrom] = useState(
    (search.from ? dayjs(search.from) : until.subtract(1, "day")).format(FIELD),
  );
  const wish = { from: isoOf(from), to: isoOf(to) };
  const isPossible = ownWindowOf(wish) !== undefined;
  const choose = (event: FormEvent) => {
    event.preventDefault();
    if (isPossible) onChoose(wish);
  };
  return (
    <form className="slipway-own-window" onSubmit={choose}>
      <label>
        {t("from")}{" "}
        <input
          type="datetime-local"
          value={from}
          onChange={({ target }) => setFrom(target.value)}
        />
      </label>
      <label>
        {t("to")}{" "}
        <input type="datetime-local" value={to} onChange={({ target }) => setTo(target.value)} />
      </label>
      <Button htmlType="submit" disabled={!isPossible}>
        {t("show")}
      </Button>
      {!isPossible && <span role="status">{t("windowBounds")}</span>}
    </form>
  );
}

function isoOf(text: string): string {
  const at = dayjs(text);
  return at.isValid() ? at.toISOString() : "";
}
