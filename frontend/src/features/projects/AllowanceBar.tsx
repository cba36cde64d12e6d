import { Flex, Typography } from "antd";
import type { ReactNode } from "react";
import { Figures } from "@/ui/Figures";
import { QuotaNotes } from "@/ui/QuotaBar";
import { QuotaTrack } from "@/ui/QuotaTrack";

interface Props {
  name: ReactNode;
  resource: string;
  /** Null where nothing limits it. */
  limit: number | null;
  reserved: number;
}

/** One limit: what admission has promised of it, and what is left; less than nothing after a cut. */
export function AllowanceBar({ name, resource, limit, reserved }: Props) {
  const amounts = { quota: limit, reserved };
  return (
    <Flex vertical gap={6} style={{ minWidth: 0 }}>
      <Flex justify="space-between" align="baseline" gap={8} wrap>
        <Typography.Text strong>{name}</Typography.Text>
        <QuotaNotes amounts={amounts} />
      </Flex>
      {limit !== null && <QuotaTrack amounts={amounts} />}
      <Figures
        resource={resource}
        figures={{ quota: limit, reserved, ...(limit !== null && { headroom: limit - reserved }) }}
      />
    </Flex>
  );
}
