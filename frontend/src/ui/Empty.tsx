import { Empty as AntEmpty, Typography } from "antd";
import type { ReactNode } from "react";

interface Props {
  /** Why it is empty. */
  children: ReactNode;
  /** The one next action that works. */
  action?: ReactNode;
}

/** Nothing is in one of several cards of a page: a line that draws nobody's eye. */
export function EmptyLine({ children }: { children: ReactNode }) {
  return <Typography.Text type="secondary">{children}</Typography.Text>;
}

/** Nothing is here: why, and what to do next. */
export function Empty({ children, action }: Props) {
  return (
    <AntEmpty image={AntEmpty.PRESENTED_IMAGE_SIMPLE} description={children}>
      {action}
    </AntEmpty>
  );
}
