import { Empty as AntEmpty } from "antd";
import type { ReactNode } from "react";

interface Props {
  /** Why it is empty. */
  children: ReactNode;
  /** The one next action that works. */
  action?: ReactNode;
}

/** Nothing is here: why, and what to do next. */
export function Empty({ children, action }: Props) {
  return (
    <AntEmpty image={AntEmpty.PRESENTED_IMAGE_SIMPLE} description={children}>
      {action}
    </AntEmpty>
  );
}
