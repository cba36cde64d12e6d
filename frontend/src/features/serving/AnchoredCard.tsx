import { useLocation } from "@tanstack/react-router";
import { Card } from "antd";
import { type ReactNode, useEffect, useRef } from "react";

interface Props {
  /** What stands behind the `#` of the address that leads to it. */
  anchor: string;
  title: ReactNode;
  extra?: ReactNode;
  children: ReactNode;
}

/** A card that a link leads to: the keyboard and the screen reader go on from there. */
export function AnchoredCard({ anchor, ...card }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const isMeant = useLocation({ select: ({ hash }) => hash === anchor });
  useEffect(() => {
    // The router scrolls there by itself.
    if (isMeant) place.current?.focus({ preventScroll: true });
  }, [isMeant]);
  return (
    <Card
      ref={place}
      id={anchor}
      tabIndex={-1}
      size="small"
      styles={{ header: { paddingBlock: 8 }, title: { whiteSpace: "normal" } }}
      {...card}
    />
  );
}
