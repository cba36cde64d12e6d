import type { ErrorComponentProps } from "@tanstack/react-router";
import { Link } from "@tanstack/react-router";
import { Button, Layout, Result, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { Problem } from "@/api/problem";
import { ProblemView } from "@/ui/ProblemView";

/** A page that broke: a refusal in the server's words, or our own fault. */
export function Broken({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation("shell");
  if (error instanceof Problem) return <ProblemView error={error} onRetry={reset} />;
  return (
    <Result
      status="error"
      title={t("crashed")}
      subTitle={t("crashedHint")}
      extra={
        <Button type="primary" onClick={() => window.location.reload()}>
          {t("reload")}
        </Button>
      }
    >
      <pre>{error instanceof Error ? error.message : String(error)}</pre>
    </Result>
  );
}

/** An address that leads nowhere. */
export function NotFound() {
  const { t } = useTranslation();
  return (
    <Layout style={{ minHeight: "100vh" }}>
      <Result
        status="404"
        title={
          <Typography.Title level={1} className="slipway-title">
            {t("notFound")}
          </Typography.Title>
        }
        subTitle={t("notFoundHint")}
        extra={<Link to="/projects">{t("toProjects")}</Link>}
      />
    </Layout>
  );
}
