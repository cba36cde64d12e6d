import { Select, Switch } from "antd";
import { useTranslation } from "react-i18next";
import type { Pod } from "../types";
import { AGES, type Change, type Settings, TAILS } from "./useLogSettings";

interface Props {
  pods: Pod[];
  settings: Settings;
  onChange: (change: Change) => void;
}

const ALL = "";

/** Which logs are read, and from where. */
export function LogSource({ pods, settings, onChange }: Props) {
  const { t } = useTranslation("serving");
  const { pod, container, tail, since, previous, follow } = settings;
  const containers = pods.find(({ name }) => name === pod)?.containers ?? [];
  return (
    <>
      <Select
        aria-label={t("pod")}
        style={{ minWidth: 180, maxWidth: "100%" }}
        popupMatchSelectWidth={false}
        value={pod ?? ALL}
        onChange={(name) =>
          onChange({ pod: name || undefined, container: undefined, line: undefined })
        }
        options={[
          { value: ALL, label: t("allPods", { count: pods.length }) },
          ...pods.map(({ name, ready }) => ({
            value: name,
            label: ready ? name : t("podNotReady", { name }),
          })),
          // One that has gone is still named by the address.
          ...(pod && !pods.some(({ name }) => name === pod) ? [{ value: pod, label: pod }] : []),
        ]}
      />
      {pod && (
        <Select
          aria-label={t("container")}
          style={{ minWidth: 96 }}
          popupMatchSelectWidth={false}
          value={container ?? ALL}
          onChange={(name) => onChange({ container: name || undefined })}
          options={[
            { value: ALL, label: t("usualContainer") },
            ...containers.map(({ name, kind }) => ({
              value: name,
              label: kind === "container" ? name : t(`containerKinds.${kind}`, { name }),
            })),
          ]}
        />
      )}
      <Select
        aria-label={t("tail")}
        value={tail}
        onChange={(lines) => onChange({ tail: String(lines), line: undefined })}
        options={TAILS.map((value) => ({ value, label: t("lastN", { count: value }) }))}
      />
      <Select
        aria-label={t("since")}
        style={{ minWidth: 110 }}
        value={since ?? ALL}
        onChange={(age) => onChange({ since: age || undefined, line: undefined })}
        options={[
          { value: ALL, label: t("sinceAny") },
          ...AGES.map((age) => ({ value: age, label: t("sinceAge", { age: t(`ages.${age}`) }) })),
          ...(since && !AGES.some((age) => age === since)
            ? [{ value: since, label: t("sinceMoment", { at: new Date(since).toLocaleString() }) }]
            : []),
        ]}
      />
      <Toggle
        label={t("previous")}
        checked={previous}
        onChange={(is) => onChange({ previous: is ? "on" : undefined })}
      />
      <Toggle
        label={t("follow")}
        checked={follow}
        disabled={previous}
        onChange={(is) => onChange({ follow: is ? undefined : "off" })}
      />
    </>
  );
}

interface ToggleProps {
  label: string;
  checked: boolean;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
}

export function Toggle({ label, ...props }: ToggleProps) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the switch is one.
    <label className="slipway-toggle">
      <Switch size="small" aria-label={label} {...props} />
      {label}
    </label>
  );
}
