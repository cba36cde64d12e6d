import { Descriptions, Flex, Typography } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Words } from "@/locales/en";
import { Labels } from "@/ui/Labels";
import { exactTime } from "@/ui/Time";
import { SourceLink } from "./SourceLink";
import type { ModelVersion } from "./versions";

type Row = Extract<
  keyof Words["registry"],
  | ("image" | "requestedImage" | "artifactUri" | "digest" | "framework" | "runtime")
  | ("source" | "metrics" | "labels" | "registered")
>;

/** Everything that a version was registered with. */
export function VersionDetails({ version }: { version: ModelVersion }) {
  const { t } = useTranslation(["registry", "ui"]);
  const { image, requested_image: written, artifact_uri: uri, digest, labels } = version;
  const hasSource = Object.keys(version.source).length > 0;
  const row = (key: Row, content: ReactNode) =>
    content ? [{ key, label: t(key), children: content }] : [];
  return (
    <Descriptions
      size="small"
      column={1}
      styles={{ label: { width: 140 } }}
      items={[
        ...row("image", image ? <Copied text={image} /> : t("withoutImageHint")),
        ...row("requestedImage", written && <Copied text={written} />),
        ...row("artifactUri", uri && <Copied text={uri} />),
        ...row("digest", digest && <Copied text={digest} />),
        ...row("framework", version.framework),
        ...row("runtime", version.runtime),
        ...row("source", hasSource && <SourceLink source={version.source} />),
        ...row("metrics", Object.keys(version.metrics).length > 0 && <Metrics of={version} />),
        ...row("labels", Object.keys(labels).length > 0 && <Labels labels={labels} />),
        ...row("registered", `${exactTime(version.created_at)} · ${version.created_by}`),
      ]}
    />
  );
}

function Copied({ text }: { text: string }) {
  return (
    <Typography.Text copyable={{ text }} style={{ wordBreak: "break-all" }}>
      <code>{text}</code>
    </Typography.Text>
  );
}

function Metrics({ of: { metrics } }: { of: ModelVersion }) {
  return (
    <Flex gap="4px 16px" wrap>
      {Object.entries(metrics).map(([name, value]) => (
        <span key={name} className="slipway-number">
          <code>{name}</code> {value}
        </span>
      ))}
    </Flex>
  );
}
