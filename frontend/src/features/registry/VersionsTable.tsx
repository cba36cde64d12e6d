import { Tag, Tooltip } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Actor } from "@/ui/Actor";
import { Digest } from "@/ui/Digest";
import { Empty } from "@/ui/Empty";
import { List } from "@/ui/List";
import { type TableColumns, titled } from "@/ui/Table";
import { Age } from "@/ui/Time";
import { MetricValue } from "./MetricValue";
import { metricNames } from "./metrics";
import { RollOut } from "./RollOut";
import { RunsIn } from "./RunsIn";
import { SourceLink } from "./SourceLink";
import { VersionDetails } from "./VersionDetails";
import { imageParts, type ModelVersion, useVersions } from "./versions";

interface Props {
  project: string;
  model: string;
  /** Undefined while that is not known yet. */
  mayRollOut: boolean | undefined;
  /** What to do when there is no version. */
  register: ReactNode;
}

/** More metrics than these are in the details of a version. */
const MOST_METRIC_COLUMNS = 4;

/** A model's versions, newest first, their metrics under each other. */
export function VersionsTable({ project, model, mayRollOut, register }: Props) {
  const { t } = useTranslation(["registry", "ui"]);
  const query = useVersions(project, model);
  const versions = query.data?.pages.flatMap((page) => page.results) ?? [];
  const metrics = metricNames(versions).slice(0, MOST_METRIC_COLUMNS);
  const columns: TableColumns<ModelVersion> = [
    {
      title: t("ui:version"),
      fixed: "left",
      render: (_, { version }) => <code style={{ fontWeight: 600 }}>{version}</code>,
    },
    {
      title: t("runsIn"),
      render: (_, { runs_in: places }) => <RunsIn project={project} places={places} />,
    },
    ...metrics.map((metric) => ({
      title: <code title={t("metricHint")}>{metric}</code>,
      align: "right" as const,
      onCell: () => titled(metric),
      render: (_: unknown, one: ModelVersion) => (
        <MetricValue metric={metric} version={one} newestFirst={versions} />
      ),
    })),
    { title: t("content"), render: (_, one) => <Content of={one} /> },
    {
      title: t("frameworkAndRuntime"),
      render: (_, { framework, runtime }) =>
        [framework, runtime].filter(Boolean).join(" · ") || "–",
    },
    { title: t("source"), render: (_, { source }) => <SourceLink source={source} /> },
    {
      title: t("registered"),
      render: (_, one) => (
        <>
          <Age at={one.created_at} /> ·{" "}
          <Actor name={one.created_by} kind={one.created_by_kind} token={one.created_by_token} />
        </>
      ),
    },
    {
      title: "",
      align: "right",
      fixed: "right",
      render: (_, one) => <RollOut project={project} version={one} may={mayRollOut} />,
    },
  ];
  return (
    <List
      query={query}
      rowKey="version"
      columns={columns}
      expandable={{ expandedRowRender: (one) => <VersionDetails version={one} /> }}
      empty={<Empty action={register}>{t("noVersions")}</Empty>}
    />
  );
}

/** What a version is made of: its image, or an artefact that nothing can serve yet. */
function Content({ of: { image = "", artifact_uri: uri, digest = "" } }: { of: ModelVersion }) {
  const { t } = useTranslation("registry");
  if (image) return <Digest digest={imageParts(image).digest || image} copies={image} />;
  return (
    <>
      <Tooltip title={t("withoutImageHint")}>
        <Tag>{t("withoutImage")}</Tag>
      </Tooltip>
      {digest && <Digest digest={digest} copies={`${uri}@${digest}`} />}
    </>
  );
}
