import { useTranslation } from "react-i18next";
import { directionOf, ordersOf } from "@/lib/ordering";

interface Props {
  /** What can be sorted by, and what its column is called. */
  terms: { sortBy: string; title: string }[];
  ordering: string | undefined;
  onOrder: (ordering: string | undefined) => void;
}

/** What orders rows where no head stands above them. */
export function OrderChoice({ terms, ordering = "", onOrder }: Props) {
  const { t } = useTranslation();
  const orders = terms.flatMap(({ sortBy, title }) =>
    ordersOf(sortBy).map((value) => {
      const direction = directionOf(value, sortBy) ?? "ascending";
      return { value, label: t(direction, { column: title }) };
    }),
  );
  const isKnown = !ordering || orders.some(({ value }) => value === ordering);
  return (
    <label className="slipway-order">
      {t("orderBy")}
      {/* The phone's own list of choices: in reach of a thumb, and nothing to load. */}
      <select value={ordering} onChange={({ target }) => onOrder(target.value || undefined)}>
        <option value="">{t("orderOfList")}</option>
        {orders.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
        {!isKnown && <option value={ordering}>{ordering}</option>}
      </select>
    </label>
  );
}
