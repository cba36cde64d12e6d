import { CaretDownOutlined, CaretUpOutlined } from "@ant-design/icons";
import RcTable, { type ColumnsType, type TableProps as RcTableProps } from "@rc-component/table";
import { Spin } from "antd";
import useCSSVarCls from "antd/es/config-provider/hooks/useCSSVarCls";
import renderExpandIcon from "antd/es/table/ExpandIcon";
import useStyle from "antd/es/table/style";
import type { ComponentProps, CSSProperties, ReactNode, TdHTMLAttributes } from "react";
import { useTranslation } from "react-i18next";
import { directionOf, nextOrdering } from "@/lib/ordering";
import { OrderChoice } from "./OrderChoice";
import "./Table.css";
import { useNarrow } from "./useNarrow";

export { Summary } from "@rc-component/table";

/** What the server calls the order of a column, `-` before it if the first press turns it round. */
interface Sortable {
  sortBy?: string;
}

export type TableColumns<T> = (ColumnsType<T>[number] & Sortable)[];

export interface TableProps<T> extends Omit<RcTableProps<T>, "columns"> {
  columns?: TableColumns<T>;
  isLoading?: boolean;
  isBordered?: boolean;
  /** How the rows are ordered, if not as the list is by itself. */
  ordering?: string | undefined;
  onOrder?: (ordering: string | undefined) => void;
}

/** Let the title of a column order the rows. */
function sortable<T>(
  column: TableColumns<T>[number],
  ordering: string | undefined,
  onOrder: ((ordering: string | undefined) => void) | undefined,
): TableColumns<T>[number] {
  const { sortBy, title } = column;
  if (!sortBy || !onOrder) return column;
  const direction = directionOf(ordering, sortBy);
  const Arrow = direction === "ascending" ? CaretUpOutlined : CaretDownOutlined;
  return {
    ...column,
    onHeaderCell: () => ({ "aria-sort": direction ?? "none" }),
    title: (
      <button
        type="button"
        className="slipway-sort"
        onClick={() => onOrder(nextOrdering(ordering, sortBy))}
      >
        {title as ReactNode}
        <Arrow aria-hidden style={direction ? {} : { opacity: 0.25 }} />
      </button>
    ),
  };
}

const PREFIX = "ant-table";

/** What a cell has of its column's title: on a phone it stands before the cell. */
export function titled(title: string): TdHTMLAttributes<HTMLElement> {
  return { "data-title": title } as TdHTMLAttributes<HTMLElement>;
}

/** What a cell holds is one thing beside its title, however many parts it has. */
function CardCell({ children, ...cell }: ComponentProps<"td">) {
  return (
    <td {...cell}>
      <div>{children}</div>
    </td>
  );
}

const CARDS = { body: { cell: CardCell } };

/** Have each cell know its column's title: on a phone a row is a card, and no head stands above it. */
function withTitles<T>(columns: TableColumns<T>): TableColumns<T> {
  return columns.map((column) => {
    const { title } = column;
    if (typeof title !== "string" || "children" in column) return column;
    const { onCell } = column;
    return { ...column, onCell: (...of) => ({ ...titled(title), ...onCell?.(...of) }) };
  });
}

/**
 * Rows and columns that look like the library's own. Its `Table` brings filters, selection and pages
 * made of trees, menus and selects: five times the weight of the table, and the server does all that.
 */
export function Table<T extends object>(all: TableProps<T>) {
  const { isLoading, isBordered, ordering, onOrder, columns = [], scroll, ...props } = all;
  const { t } = useTranslation();
  const isNarrow = useNarrow();
  const root = useCSSVarCls(PREFIX);
  const [hash, variables] = useStyle(PREFIX, root);
  const expandIcon = renderExpandIcon({ expand: t("expandRow"), collapse: t("collapseRow") });
  const look = [root, hash, variables];
  const terms = columns.flatMap(({ sortBy, title }) =>
    sortBy ? [{ sortBy, title: String(title) }] : [],
  );
  const table = [`${PREFIX}-small`, isBordered && `${PREFIX}-bordered`, ...look];
  // What only scrolls sideways does so by CSS: the library measures each column to that end, which
  // has the browser lay out the page once more while the rows are made.
  const needsLibrary = scroll?.y !== undefined || columns.some((column) => column.fixed);
  const x = needsLibrary ? undefined : scroll?.x;
  const width = { "--slipway-table-width": typeof x === "number" ? `${x}px` : x } as CSSProperties;
  return (
    <div
      className={[`${PREFIX}-wrapper`, x && "slipway-scrolled", ...look].join(" ")}
      style={width}
    >
      {isNarrow && onOrder && terms.length > 0 && (
        <OrderChoice terms={terms} ordering={ordering} onOrder={onOrder} />
      )}
      <Spin spinning={isLoading ?? false}>
        <RcTable<T>
          {...props}
          columns={withTitles(columns).map((one) => sortable(one, ordering, onOrder))}
          {...(scroll && needsLibrary && !isNarrow && { scroll })}
          {...(isNarrow && { components: CARDS })}
          prefixCls={PREFIX}
          className={table.filter(Boolean).join(" ")}
          expandable={props.expandable && { expandIcon, ...props.expandable }}
        />
      </Spin>
    </div>
  );
}
