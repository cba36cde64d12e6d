import { Col, Flex, Row, Tag, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { Table } from "@/ui/Table";
import { NodeLink, PodState } from "../PodParts";
import type { RolloutDetail, RolloutPod } from "../types";

/** The pods of a rollout side by side: those that come and those that go. */
export function RolloutPods({ rollout }: { rollout: RolloutDetail }) {
  const { t } = useTranslation(["serving", "ui"]);
  if (!rollout.pods) return <Typography.Text type="secondary">{t("podsUnknown")}</Typography.Text>;
  const pods = rollout.pods;
  const side = (isNew: boolean) => pods.filter((pod) => pod.is_new === isNew);
  return (
    <Row gutter={[16, 16]}>
      <Col xs={24} xl={12}>
        <PodList
          title={t("newPods")}
          revision={rollout.to_revision}
          version={rollout.to_version}
          pods={side(true)}
        />
      </Col>
      <Col xs={24} xl={12}>
        <PodList
          title={t("oldPods")}
          revision={rollout.from_revision}
          version={rollout.from_version}
          pods={side(false)}
        />
      </Col>
    </Row>
  );
}

interface PodListProps {
  title: string;
  revision: number | null | undefined;
  version: string | null;
  pods: RolloutPod[];
}

function PodList({ title, revision, version, pods }: PodListProps) {
  const { t } = useTranslation(["serving", "ui"]);
  return (
    <Table<RolloutPod>
      rowKey="name"
      data={pods}
      emptyText={t("noPods")}
      scroll={{ x: "max-content", y: 320 }}
      title={() => (
        <Flex gap={8} align="baseline">
          <strong>{title}</strong> <Tag>{pods.length}</Tag>
          {version && (
            <Typography.Text type="secondary">
              {t("versionAndRevision", { version, revision: revision ?? "?" })}
            </Typography.Text>
          )}
        </Flex>
      )}
      columns={[
        {
          title: t("pod"),
          dataIndex: "name",
          render: (name: string) => <Typography.Text code>{name}</Typography.Text>,
        },
        { title: t("ui:node"), render: (_, pod) => <NodeLink node={pod.node} /> },
        { title: t("ui:status"), render: (_, pod) => <PodState pod={pod} /> },
      ]}
    />
  );
}
