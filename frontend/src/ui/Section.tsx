import { Flex, Typography } from "antd";
import type { ReactNode } from "react";

interface Props {
  title: string;
  hint?: string;
  action?: ReactNode;
  children: ReactNode;
}

/** A part of a page: what it is, what can be done, and the content. */
export function Section({ title, hint, action, children }: Props) {
  return (
    <Flex component="section" vertical gap={12} aria-label={title}>
      <Flex justify="space-between" align="end" gap={16} wrap>
        <div style={{ maxWidth: 820, textWrap: "pretty" }}>
          <Typography.Title level={2} className="slipway-subtitle">
            {title}
          </Typography.Title>
          {hint && <Typography.Text type="secondary">{hint}</Typography.Text>}
        </div>
        {action}
      </Flex>
      {children}
    </Flex>
  );
}
