import { ExportOutlined } from "@ant-design/icons";
import { Typography } from "antd";
import { useTranslation } from "react-i18next";
import { type ModelVersion, safeUrl } from "./versions";

const SHORT = 10;

/** The commit that a version was trained from, and the page about it where that is safe to open. */
export function SourceLink({ source: { git_commit: commit, url } }: Pick<ModelVersion, "source">) {
  const { t } = useTranslation("registry");
  const href = safeUrl(url);
  if (!commit && !url) return <Typography.Text type="secondary">–</Typography.Text>;
  const name = commit ? <code title={commit}>{commit.slice(0, SHORT)}</code> : null;
  if (!href) return name ?? <Typography.Text type="secondary">{url}</Typography.Text>;
  return (
    <a href={href} target="_blank" rel="noreferrer" title={href}>
      {name ?? new URL(href).hostname} <ExportOutlined aria-label={t("elsewhere")} />
    </a>
  );
}
