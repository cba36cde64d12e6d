import RcTable, { type ColumnsType, type TableProps as RcTableProps } from "@rc-component/table";
import { Spin } from "antd";
import useCSSVarCls from "antd/es/config-provider/hooks/useCSSVarCls";
import renderExpandIcon from "antd/es/table/ExpandIcon";
import useStyle from "antd/es/table/style";
import { useTranslation } from "react-i18next";
import "./Table.css";
import { useNarrow } from "./useNarrow";

export { Summary } from "@rc-component/table";

export type TableColumns<T> = ColumnsType<T>;

export interface TableProps<T> extends RcTableProps<T> {
  isLoading?: boolean;
  isBordered?: boolean;
}

const PREFIX = "ant-table";

/** Have each cell know its column's title: on a phone a row is a card, and no head stands above it. */
function withTitles<T>(columns: TableColumns<T>): TableColumns<T> {
  return columns.map((column) => {
    const { title } = column;
    if (typeof title !== "string" || "children" in column) return column;
    const { onCell } = column;
    return { ...column, onCell: (...of) => ({ "data-title": title, ...onCell?.(...of) }) };
  });
}

/**
 * Rows and columns that look like the library's own. Its `Table` brings filters, selection and pages
 * made of trees, menus and selects: five times the weight of the table, and the server does all that.
 */
export function Table<T extends object>({
  isLoading,
  isBordered,
  columns = [],
  scroll,
  ...props
}: TableProps<T>) {
  const { t } = useTranslation();
  const isNarrow = useNarrow();
  const root = useCSSVarCls(PREFIX);
  const [hash, variables] = useStyle(PREFIX, root);
  const expandIcon = renderExpandIcon({ expand: t("expandRow"), collapse: t("collapseRow") });
  const look = [root, hash, variables];
  const table = [`${PREFIX}-small`, isBordered && `${PREFIX}-bordered`, ...look];
  return (
    <div className={[`${PREFIX}-wrapper`, ...look].join(" ")}>
      <Spin spinning={isLoading ?? false}>
        <RcTable<T>
          {...props}
          columns={withTitles(columns)}
          {...(scroll && !isNarrow && { scroll })}
          prefixCls={PREFIX}
          className={table.filter(Boolean).join(" ")}
          expandable={props.expandable && { expandIcon, ...props.expandable }}
        />
      </Spin>
    </div>
  );
}
