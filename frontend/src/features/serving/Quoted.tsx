import { Typography } from "antd";
import { useTranslation } from "react-i18next";
import { meaningOf } from "./known";

/** A sentence of Kubernetes as it is, and below it what it means, where that is known. */
export function Quoted({ children }: { children: string }) {
  const { t } = useTranslation("serving");
  const meaning = meaningOf(children);
  return (
    <div style={{ overflowWrap: "anywhere" }}>
      {children}
      {meaning && (
        <div>
          <Typography.Text type="secondary">
            {t(
              `known.${meaning.key}` as "known.insufficient",
              meaning.facts as { resource: string },
            )}
          </Typography.Text>
        </div>
      )}
    </div>
  );
}
