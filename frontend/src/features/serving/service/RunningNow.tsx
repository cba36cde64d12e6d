import { Link } from "@tanstack/react-router";
import { Card, Descriptions, Flex, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Actor } from "@/ui/Actor";
import { ProblemView } from "@/ui/ProblemView";
import { PhaseTag } from "@/ui/Status";
import { Age, formatDuration, useNow } from "@/ui/Time";
import { tookSeconds } from "../took";
import type { Rollout, ServicePath, ServiceProps } from "../types";
import { broughtBy } from "./running";

/** So many of the last changes are told; the rest has a tab of its own. */
const LAST = 5;

/** The newest changes of a service. */
export function useNewest(path: ServicePath) {
  return api.useQuery(
    "get",
    "/api/v1/projects/{project}/environments/{environment}/services/{service}/rollouts",
    { params: { path, query: { limit: 20 } } },
  );
}

/** What runs, since when and by whom, and how the last changes ended. */
export function RunningNow({ service, path }: ServiceProps) {
  const { t } = useTranslation(["serving", "ui"]);
  const rollouts = useNewest(path);
  const all = rollouts.data?.results ?? [];
  return (
    <Card size="small" title={t("running.title")}>
      {rollouts.isError && <ProblemView error={rollouts.error} />}
      <What service={service} path={path} rollout={broughtBy(all, service.current_revision)} />
      {all.length > 0 && (
        <section style={{ paddingBlockStart: 12 }}>
          <Typography.Text strong>{t("running.last")}</Typography.Text>
          <ul className="slipway-plain-list">
            {all.slice(0, LAST).map((rollout) => (
              <Change key={rollout.id} rollout={rollout} />
            ))}
          </ul>
        </section>
      )}
    </Card>
  );
}

interface WhatProps extends ServiceProps {
  /** The rollout that brought it; none that is known of. */
  rollout: Rollout | undefined;
}

function What({ service, path, rollout }: WhatProps) {
  const { t } = useTranslation(["serving", "ui"]);
  const { current_version: version, current_revision: revision } = service;
  if (version === null || revision === null)
    return <p style={{ margin: 0 }}>{t("start.nothingRuns")}</p>;
  return (
    <Descriptions
      size="small"
      column={{ xs: 1, lg: 2 }}
      items={[
        {
          key: "version",
          label: t("ui:version"),
          children: t("versionAndRevision", { version, revision }),
        },
        {
          key: "since",
          label: t("running.since"),
          children: rollout ? (
            // One element: between several, the list of facts has no spaces.
            <span>
              <Age at={rollout.clock.finished_at} /> ·{" "}
              <Actor
                name={rollout.started_by}
                kind={rollout.started_by_kind}
                token={rollout.started_by_token}
              />
            </span>
          ) : (
            t("ui:unknown")
          ),
        },
        {
          key: "image",
          label: t("start.aspects.image"),
          span: "filled",
          children: <Image service={service} path={path} version={version} />,
        },
      ]}
    />
  );
}

interface ImageProps extends ServiceProps {
  version: string;
}

/** The image with its digest, whole, so that it can be copied. */
function Image({ service, path, version }: ImageProps) {
  const { t } = useTranslation("ui");
  const found = api.useQuery(
    "get",
    "/api/v1/projects/{project}/models/{model}/versions/{version}",
    { params: { path: { project: path.project, model: service.model, version } } },
  );
  if (found.isError) return t("unknown");
  if (!found.data?.image) return t("loading");
  return (
    <Typography.Text code copyable style={{ overflowWrap: "anywhere" }}>
      {found.data.image}
    </Typography.Text>
  );
}

function Change({ rollout }: { rollout: Rollout }) {
  const { t } = useTranslation(["serving", "ui"]);
  const now = useNow();
  const { id, kind, phase, clock, to_version: version } = rollout;
  return (
    <Flex
      component="li"
      gap="0 8px"
      wrap
      align="center"
      style={{ paddingBlock: 2, overflowWrap: "anywhere" }}
    >
      <PhaseTag phase={phase} />
      <Link to="/rollouts/$rollout" params={{ rollout: id }}>
        {t(`ui:kinds.${kind}`)}
        {version && ` · ${t("versionIs", { version })}`}
      </Link>
      <Typography.Text type="secondary">
        <Age at={clock.requested_at} /> · {formatDuration(tookSeconds(clock, now))}
      </Typography.Text>
    </Flex>
  );
}
