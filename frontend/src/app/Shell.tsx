import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet } from "@tanstack/react-router";
import { Alert, Layout, Spin } from "antd";
import { Suspense, useDeferredValue, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { CLUSTERS } from "@/api/clusters";
import { listen } from "@/api/live";
import logo from "@/ui/logo.svg?inline";
import { Finder } from "./finder/Finder";
import { LiveTag } from "./LiveTag";
import { UserMenu } from "./UserMenu";

const SECTIONS = ["home", "projects", "rollouts", "fleet", "platform"] as const;

/** What surrounds every page of somebody who is signed in. */
export function Shell() {
  const queries = useQueryClient();
  useEffect(() => listen(queries), [queries]);
  // The router tells that a page is there in a way that would have all of it made at once.
  return useDeferredValue(<Frame />, null);
}

function Frame() {
  const { t } = useTranslation("shell");
  return (
    <Layout style={{ minHeight: "100vh" }}>
      <a className="slipway-skip" href="#content">
        {t("skip")}
      </a>
      <Layout.Header className="slipway-header">
        <div className="slipway-header-row">
          <Link to="/" aria-label={`Slipway: ${t("home")}`} className="slipway-brand">
            <img src={logo} alt="" width={22} height={22} />
            <strong>Slipway</strong>
          </Link>
          <nav aria-label={t("menu")} className="slipway-sections">
            {SECTIONS.map((name) => (
              <Link
                key={name}
                to={name === "home" ? "/" : `/${name}`}
                activeOptions={{ exact: name === "home" }}
              >
                {t(name)}
              </Link>
            ))}
          </nav>
          <Finder />
          <LiveTag />
          <UserMenu />
        </div>
      </Layout.Header>
      <SimulatedBanner />
      <Layout.Content id="content" tabIndex={-1} className="slipway-content">
        <Suspense fallback={<Spin style={{ marginTop: 120, width: "100%" }} />}>
          <Outlet />
        </Suspense>
      </Layout.Content>
    </Layout>
  );
}

/** Says on every page that nothing here computes, where that is so. */
function SimulatedBanner() {
  const { t } = useTranslation();
  const clusters = useQuery(CLUSTERS);
  if (!clusters.data?.results.some((cluster) => cluster.simulated)) return null;
  return <Alert banner type="info" title={t("simulated")} style={{ paddingInline: 24 }} />;
}
