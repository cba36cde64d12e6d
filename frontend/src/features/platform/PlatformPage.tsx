import { Alert, Card } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { useMe } from "@/api/me";
import { ActionButton } from "@/ui/ActionButton";
import { lazyDialog } from "@/ui/lazyDialog";
import { Page } from "@/ui/Page";
import { QueryView } from "@/ui/QueryView";
import { Age, useNow } from "@/ui/Time";
import { ClustersTable } from "./ClustersTable";
import { Faults } from "./Faults";
import { verdictOf } from "./health";
import { OwnParts } from "./OwnParts";
import { VerdictAlert } from "./VerdictAlert";

const RegisterCluster = lazyDialog(() => import("./RegisterCluster"), "RegisterCluster");

/** A heartbeat that fails to come sends no message, so it has to be asked for. */
const POLL_MS = 10_000;
/** An answer that is older is the past, whatever the reason. */
const CURRENT_MS = 3 * POLL_MS;

/** Whether Slipway and its clusters are well, and which clusters there are. */
export function PlatformPage() {
  const { t } = useTranslation("platform");
  const me = useMe();
  const now = useNow(POLL_MS / 2);
  const [isRegistering, setRegistering] = useState(false);
  const platform = api.useQuery("get", "/api/v1/platform", {}, { refetchInterval: POLL_MS });
  const isCurrent = !platform.isError && now - platform.dataUpdatedAt < CURRENT_MS;
  const whyNot = me.is_platform_admin ? undefined : t("adminOnly");
  const register = (
    <ActionButton type="primary" whyNot={whyNot} onClick={() => setRegistering(true)}>
      {t("register")}
    </ActionButton>
  );
  return (
    <Page title={t("title")} actions={register}>
      <QueryView query={platform}>
        {({ parts, faults }) => (
          <>
            {isCurrent ? (
              <VerdictAlert verdict={verdictOf(parts)} />
            ) : (
              <Past at={platform.dataUpdatedAt} />
            )}
            <Card size="small" title={t("clusters")} styles={{ body: { padding: 0 } }}>
              <ClustersTable
                parts={parts}
                isCurrent={isCurrent}
                whyNot={whyNot}
                register={register}
              />
            </Card>
            <Card size="small" title={t("slipway")} styles={{ body: { padding: 0 } }}>
              <OwnParts parts={parts} isCurrent={isCurrent} />
            </Card>
            {faults.length > 0 && (
              <Card size="small" title={t("faults")} styles={{ body: { padding: 0 } }}>
                <Faults faults={faults} />
              </Card>
            )}
          </>
        )}
      </QueryView>
      {isRegistering && <RegisterCluster onClose={() => setRegistering(false)} />}
    </Page>
  );
}

/** Says that nobody knows how it is now, and from when what is shown is. */
function Past({ at }: { at: number }) {
  const { t } = useTranslation("platform");
  return (
    <Alert
      type="warning"
      showIcon
      role="status"
      title={t("notKnown")}
      description={
        <>
          {t("lastKnown")} <Age at={new Date(at).toISOString()} />
        </>
      }
    />
  );
}
