import { Link } from "@tanstack/react-router";
import { Flex, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { gpusOf, servicesByGpus } from "./nodeServices";
import type { FleetNode } from "./nodeState";

/** More than this is only listed where the node is looked at alone. */
const MOST_SHOWN = 6;

/** Which services are on a node, and how many cards each holds; other pods are only counted. */
export function ServicesOnNode({ node, isAlone }: { node: FleetNode; isAlone: boolean }) {
  const { t } = useTranslation("fleet");
  const services = servicesByGpus(node);
  const shown = isAlone ? services : services.slice(0, MOST_SHOWN);
  const left = services.length - shown.length;
  if (node.pods === 0) return <Typography.Text type="secondary">{t("noPods")}</Typography.Text>;
  return (
    <ul className="slipway-plain-list" style={{ maxWidth: 480 }}>
      {shown.map((service) => (
        <li key={`${service.project}/${service.environment}/${service.service}`}>
          <ServiceLine service={service} />
        </li>
      ))}
      {left > 0 && (
        <li>
          <Link to="/fleet" search={{ search: node.name }}>
            {t("moreServices", { count: left })}
          </Link>
        </li>
      )}
      {node.other_pods > 0 && (
        <li>
          <Typography.Text type="secondary">
            {t("otherPods", { count: node.other_pods })}
          </Typography.Text>
        </li>
      )}
    </ul>
  );
}

function ServiceLine({ service }: { service: FleetNode["services"][number] }) {
  const { t } = useTranslation("fleet");
  const { project, environment, pods } = service;
  const gpus = gpusOf(service.requested);
  return (
    <Flex justify="space-between" gap={16}>
      <span style={{ overflowWrap: "anywhere" }}>
        <Link
          to="/projects/$project/environments/$environment/services/$service"
          params={{ project, environment, service: service.service }}
        >
          {service.service}
        </Link>{" "}
        <Typography.Text type="secondary">
          {project} · {environment}
        </Typography.Text>
      </span>
      <span className="slipway-number" style={{ whiteSpace: "nowrap" }}>
        {gpus > 0 && (
          <>
            <strong>{t("gpus", { count: gpus })}</strong>
            {" · "}
          </>
        )}
        {t("pods", { count: pods })}
      </span>
    </Flex>
  );
}
