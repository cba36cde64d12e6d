import { Link } from "@tanstack/react-router";
import { Flex, Typography } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { EmptyLine } from "@/ui/Empty";
import "./fleet.css";
import type { FleetSearch } from "./FleetFilters";

type Cards = Schemas["Cards"];

const PARTS = ["requested", "unavailable", "unknown", "free"] as const;

interface Props {
  gpus: Cards[];
  search: FleetSearch;
}

/** How many cards of each model there are, asked for and free; each leads to its nodes. */
export function CardsByModel({ gpus, search }: Props) {
  const { t } = useTranslation("fleet");
  if (gpus.length === 0) return <EmptyLine>{t("noCards")}</EmptyLine>;
  return (
    <ul className="slipway-plain-list slipway-cards" aria-label={t("cardsByModel")}>
      {gpus.map((cards) => (
        <li key={`${cards.gpu_product} ${cards.resource}`}>
          <Choice product={cards.gpu_product} search={search}>
            <Tile cards={cards} />
          </Choice>
        </li>
      ))}
    </ul>
  );
}

interface ChoiceProps {
  product: string;
  search: FleetSearch;
  children: ReactNode;
}

/** Leads to the nodes of a model, and back to all nodes from there. */
function Choice({ product, search, children }: ChoiceProps) {
  if (!product) return <div className="slipway-cards-tile">{children}</div>;
  const { gpu_product: chosen, ...others } = search;
  const isChosen = chosen === product;
  return (
    <Link
      to="/fleet"
      search={isChosen ? others : { ...others, gpu_product: product }}
      className={`slipway-cards-tile${isChosen ? " is-chosen" : ""}`}
      aria-current={isChosen}
      activeProps={{}}
    >
      {children}
    </Link>
  );
}

function Tile({ cards }: { cards: Cards }) {
  const { t } = useTranslation("fleet");
  const { gpu_product: product, resource, kind, total, nodes } = cards;
  // Where nothing is known, none free would be a claim.
  const isKnown = cards.unknown < total || total === 0;
  const shown = PARTS.filter(
    (part) => cards[part] > 0 || (isKnown && (part === "requested" || part === "free")),
  );
  return (
    <Flex vertical gap={6}>
      <Flex justify="space-between" gap={8}>
        <strong>{product || t("noModel")}</strong>
        <Typography.Text type="secondary" style={{ whiteSpace: "nowrap" }}>
          {resource !== "nvidia.com/gpu" && `${resource.split("/")[1]} · `}
          {kind !== "whole" && (
            <span title={t(`kindHints.${kind}`)}>{`${t(`kinds.${kind}`)} · `}</span>
          )}
          {t("onNodes", { count: nodes })}
        </Typography.Text>
      </Flex>
      <div className="slipway-cards-bar" aria-hidden>
        {PARTS.map((part) => (
          <span key={part} className={`is-${part}`} style={{ flexGrow: cards[part] }} />
        ))}
      </div>
      <dl>
        <Figure name={t("total")} count={total} />
        {shown.map((part) => (
          <Figure
            key={part}
            name={t(`parts.${part}`)}
            count={cards[part]}
            hint={t(`partHints.${part}`)}
          />
        ))}
      </dl>
    </Flex>
  );
}

function Figure({ name, count, hint }: { name: string; count: number; hint?: string }) {
  return (
    <div title={hint}>
      <dt>{name}</dt>
      <dd>{count}</dd>
    </div>
  );
}
