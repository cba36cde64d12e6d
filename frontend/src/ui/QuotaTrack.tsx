import { type Amounts, scaleOf } from "./quota";
import "./QuotaBar.css";

interface Props {
  amounts: Amounts;
  /** What the bar says to those who hear it; without one, text beside it says the same. */
  label?: string;
  isCompact?: boolean;
}

/** The bar alone: requested and what is promised at full height, used as a core within them. */
export function QuotaTrack({ amounts, label, isCompact = false }: Props) {
  const { quota, requested, reserved, used } = amounts;
  const scale = scaleOf(amounts);
  const width = (amount: number) => ({ width: `${Math.min(amount / scale, 1) * 100}%` });
  const isUnknown = requested === null;
  const classes = ["slipway-quota-track", isCompact && "is-compact", isUnknown && "is-unknown"];
  const speech = label ? { role: "img", "aria-label": label } : { "aria-hidden": true };
  return (
    <div className={classes.filter(Boolean).join(" ")} {...speech}>
      {typeof reserved === "number" && reserved > (requested ?? 0) && (
        <span className="slipway-quota-reserved" style={width(reserved)} />
      )}
      {typeof requested === "number" && (
        <span className="slipway-quota-requested" style={width(requested)} />
      )}
      {typeof requested === "number" && used === null && (
        <span data-testid="used-unknown" className="is-unknown" style={width(requested)} />
      )}
      {typeof used === "number" && <span className="slipway-quota-used" style={width(used)} />}
      {quota !== null && scale > quota && (
        <>
          <span className="slipway-quota-over" style={width(scale - quota)} />
          <span className="slipway-quota-limit" style={{ left: `${(quota / scale) * 100}%` }} />
        </>
      )}
    </div>
  );
}
