import { useTranslation } from "react-i18next";
import { isCard } from "@/lib/devices";
import { useAmount } from "./Resource";

export type Figure =
  | "quota"
  | "reserved"
  | "requested"
  | "used"
  | "idle"
  | "headroom"
  | "clusterFree";

interface Props {
  resource: string;
  /** In cores, bytes or devices, in the order in which they are shown. */
  figures: Partial<Record<Figure, number | null>>;
}

/** Labelled amounts of one resource; what is not known says so. */
export function Figures({ resource, figures }: Props) {
  const { t } = useTranslation();
  const write = useAmount();
  return (
    <dl className="slipway-figures">
      {(Object.entries(figures) as [Figure, number | null][]).map(([name, amount]) => (
        <div key={name}>
          <dt title={name === "used" && isCard(resource) ? t("deviceUsedHint") : undefined}>
            <span aria-hidden className={`slipway-quota-swatch slipway-quota-${name}`} />
            {t(name === "quota" ? "limit" : name)}
          </dt>
          <dd
            className={amount === null ? "is-unknown" : amount < 0 ? "is-negative" : undefined}
            title={amount === null ? undefined : String(amount)}
          >
            {amount === null && name === "quota" ? t("noLimit") : write(resource, amount)}
          </dd>
        </div>
      ))}
    </dl>
  );
}
