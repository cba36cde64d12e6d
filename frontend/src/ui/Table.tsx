import RcTable, { type ColumnsType, type TableProps as RcTableProps } from "@rc-component/table";
import { Spin } from "antd";
import useCSSVarCls from "antd/es/config-provider/hooks/useCSSVarCls";
import renderExpandIcon from "antd/es/table/ExpandIcon";
import useStyle from "antd/es/table/style";
import { useTranslation } from "react-i18next";

export { Summary } from "@rc-component/table";

export type TableColumns<T> = ColumnsType<T>;

export interface TableProps<T> extends RcTableProps<T> {
  isLoading?: boolean;
  isBordered?: boolean;
}

const PREFIX = "ant-table";

/**
 * Rows and columns that look like the library's own. Its `Table` brings filters, selection and pages
 * made of trees, menus and selects: five times the weight of the table, and the server does all that.
 */
export function Table<T extends object>({ isLoading, isBordered, ...props }: TableProps<T>) {
  const { t } = useTranslation();
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
          prefixCls={PREFIX}
          className={table.filter(Boolean).join(" ")}
          expandable={props.expandable && { expandIcon, ...props.expandable }}
        />
      </Spin>
    </div>
  );
}
