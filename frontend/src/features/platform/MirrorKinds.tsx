import { Typography } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Age } from "@/ui/Time";

type Status = Schemas["ClusterStatus"];
type Kind = Schemas["MirroredKind"];

const SIGNS = ["event", "bookmark", "list"] as const;
const AT = { event: "event_at", bookmark: "bookmark_at", list: "listed_at" } as const;

/** Where nothing happens the server is asked how far it is; that is neither of the three. */
function wasChecked(kind: Kind): boolean {
  const { heard_at: heard } = kind;
  return heard !== null && SIGNS.every((sign) => (kind[AT[sign]] ?? "") < heard);
}

/** How the mirror knows what it shows: when each kind was last synced, and by what. */
export function MirrorKinds({ status }: { status: Status }) {
  const { t } = useTranslation("platform");
  const missing = status.missing_permissions ?? [];
  return (
    <details style={{ fontSize: 12 }}>
      <summary style={{ cursor: "pointer" }}>{t("howKnown")}</summary>
      <ul style={{ margin: "4px 0 0", paddingInlineStart: 16 }}>
        {status.mirror.map((kind) => (
          <li key={kind.kind} style={{ overflowWrap: "anywhere" }}>
            <KindSigns kind={kind} />
          </li>
        ))}
        {missing.length > 0 && (
          <li style={{ overflowWrap: "anywhere" }}>
            {t("mayNot")} {missing.map(({ verb, resource }) => `${verb} ${resource}`).join(", ")}
          </li>
        )}
      </ul>
    </details>
  );
}

function KindSigns({ kind }: { kind: Kind }) {
  const { t } = useTranslation("platform");
  const heard = SIGNS.filter((sign) => kind[AT[sign]]);
  return (
    <>
      <strong>{kind.kind}</strong>{" "}
      {heard.length === 0 && <Typography.Text type="danger">{t("neverHeard")}</Typography.Text>}
      {wasChecked(kind) && (
        <>
          {t("checked")} <Age at={kind.heard_at} />
          {" · "}
        </>
      )}
      {heard.map((sign, i) => (
        <span key={sign}>
          {i > 0 && " · "}
          {t(`signs.${sign}`)} <Age at={kind[AT[sign]]} />
        </span>
      ))}
      {kind.message && (
        <>
          {" "}
          <Typography.Text type="danger">{kind.message}</Typography.Text>
        </>
      )}
    </>
  );
}
