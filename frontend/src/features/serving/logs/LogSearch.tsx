import { DownOutlined, UpOutlined } from "@ant-design/icons";
import { Button, Input, Select, Space } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Toggle } from "./LogSource";
import type { Level } from "./levels";
import type { Change, Settings } from "./useLogSettings";

// A level lets worse ones pass too, so the least bad of all would be every level.
const STATED = ["error", "warning", "info"] as const;

interface Props {
  settings: Settings;
  onChange: (change: Change) => void;
  /** How many lines hold what is searched for, and which of them is pointed at, from 1. */
  found: { count: number; place: number };
  onMove: (by: 1 | -1) => void;
}

/** What is looked for in the lines that were read, and how they are shown. */
export function LogSearch({ settings, onChange, found, onMove }: Props) {
  const { t } = useTranslation("serving");
  const { find, only, level, times, wrap } = settings;
  // Its own, as the address answers later than the next key comes.
  const [text, setText] = useState(find);
  return (
    <>
      <Space.Compact style={{ maxWidth: "100%" }}>
        <Input
          allowClear
          aria-label={t("findInLog")}
          placeholder={t("findInLog")}
          value={text}
          onChange={({ target }) => {
            setText(target.value);
            onChange({ find: target.value || undefined });
          }}
          onPressEnter={({ shiftKey }) => onMove(shiftKey ? -1 : 1)}
          suffix={
            <span className="slipway-number" role="status">
              {find && t("foundOf", { place: found.place, all: found.count })}
            </span>
          }
          style={{ width: 280 }}
        />
        <Button
          aria-label={t("foundBefore")}
          icon={<UpOutlined />}
          disabled={!found.count}
          onClick={() => onMove(-1)}
        />
        <Button
          aria-label={t("foundNext")}
          icon={<DownOutlined />}
          disabled={!found.count}
          onClick={() => onMove(1)}
        />
      </Space.Compact>
      <Toggle
        label={t("onlyFound")}
        checked={only}
        onChange={(is) => onChange({ only: is ? "on" : undefined })}
      />
      <Select<Level | "">
        aria-label={t("level")}
        style={{ minWidth: 130 }}
        value={level ?? ""}
        onChange={(chosen) => onChange({ level: chosen || undefined })}
        options={[
          { value: "", label: t("levels.all") },
          ...STATED.map((value) => ({ value, label: t(`levels.${value}`) })),
        ]}
      />
      <Toggle
        label={t("lineTimes")}
        checked={times}
        onChange={(is) => onChange({ times: is ? undefined : "off" })}
      />
      <Toggle
        label={t("wrap")}
        checked={wrap}
        onChange={(is) => onChange({ wrap: is ? undefined : "off" })}
      />
    </>
  );
}
