import { Link } from "@tanstack/react-router";
import { Alert, Card, Flex, Tag, Typography } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { byImportance, parseQuantity } from "@/lib/quantity";
import { ReasonText } from "@/ui/Reason";
import { ResourceName, useAmount, useResourceName } from "@/ui/Resource";
import { AllowanceBar } from "./AllowanceBar";
import { EnvironmentActions } from "./EnvironmentActions";
import { EnvironmentDrift } from "./EnvironmentDrift";
import { EnvironmentTraffic } from "./EnvironmentTraffic";
import { PhaseOfEnvironment } from "./PhaseOfEnvironment";
import { BOUNDS, limitsOf, productsOf } from "./quotaForm";

type Environment = Schemas["Environment"];

/** One environment: where it is, how it stands, and its quota. */
export function EnvironmentCard({ environment }: { environment: Environment }) {
  const { t } = useTranslation(["projects", "ui"]);
  const { project, name, cluster, namespace, quota, status, drift } = environment;
  return (
    <Card
      size="small"
      title={
        <Flex gap="4px 12px" align="baseline" wrap style={{ paddingBlock: 8 }}>
          <Typography.Title level={2} className="slipway-subtitle">
            {name}
          </Typography.Title>
          <PhaseOfEnvironment phase={status.phase} />
          <Typography.Text type="secondary" style={{ fontWeight: 400 }}>
            {t("ui:cluster")} <code>{cluster}</code> · {t("namespace")} <code>{namespace}</code>
          </Typography.Text>
          <Link
            to="/projects/$project/services"
            params={{ project }}
            search={{ environment: name }}
            style={{ fontWeight: 400 }}
          >
            {t("servicesHere")}
          </Link>
          <Link
            to="/projects/$project/environments/$environment/secrets"
            params={{ project, environment: name }}
            style={{ fontWeight: 400 }}
          >
            {t("secrets.here")}
          </Link>
        </Flex>
      }
      extra={<EnvironmentActions environment={environment} />}
    >
      <Flex vertical gap={20}>
        {status.reason && (
          <Alert
            type="warning"
            showIcon
            title={<ReasonText reason={status.reason} />}
            description={status.message}
          />
        )}
        <EnvironmentDrift drift={drift} />
        <BelowMinimum pods={environment.below_minimum} />
        <Limits quota={quota} />
        <Products quota={quota} absent={environment.absent_gpu_products} />
        <Bounds quota={quota} />
        <EnvironmentTraffic environment={environment} />
      </Flex>
    </Card>
  );
}

/** Says what runs that could not be started any more. */
function BelowMinimum({ pods }: { pods: string[] }) {
  const { t } = useTranslation("projects");
  if (pods.length === 0) return null;
  return (
    <Alert
      type="warning"
      showIcon
      title={t("bounds.below")}
      description={
        <>
          {t("bounds.belowHint")} <code>{pods.join(", ")}</code>
        </>
      }
    />
  );
}

function Limits({ quota }: { quota: Schemas["Quota"] }) {
  const limits = limitsOf(quota);
  const names = [...new Set([...Object.keys(limits), ...Object.keys(quota.reserved)])];
  return (
    <div className="slipway-quota-grid">
      {names.sort(byImportance).map((name) => (
        <AllowanceBar
          key={name}
          name={<ResourceName resource={name} />}
          resource={name}
          limit={limits[name] ?? null}
          reserved={parseQuantity(quota.reserved[name] ?? "0")}
        />
      ))}
    </div>
  );
}

/** What a container requests at least, and what it is given that states nothing. */
function Bounds({ quota }: { quota: Schemas["Quota"] }) {
  const { t } = useTranslation(["projects", "ui"]);
  const nameOf = useResourceName();
  const write = useAmount();
  return (
    <Flex gap="4px 24px" wrap>
      {BOUNDS.map((bound) => (
        <span key={bound}>
          <Typography.Text type="secondary">{t(`bounds.${bound}`)}:</Typography.Text>{" "}
          {Object.entries(quota[bound])
            .map(([name, amount]) => `${nameOf(name)} ${write(name, parseQuantity(amount))}`)
            .join(t("ui:comma")) || t("drift.nothing")}
        </span>
      ))}
    </Flex>
  );
}

interface ProductsProps {
  quota: Schemas["Quota"];
  /** What no node has; null while that is not known. */
  absent: string[] | null;
}

function Products({ quota, absent }: ProductsProps) {
  const { t } = useTranslation("projects");
  const { gpu_products: limits, reserved_gpu_products: reserved } = quota;
  const names = productsOf(quota);
  if (names.length === 0) return null;
  return (
    <Flex vertical gap={8}>
      <Typography.Text type="secondary">{t("gpuProducts")}</Typography.Text>
      <div className="slipway-quota-grid">
        {names.map((name) => (
          <AllowanceBar
            key={name}
            name={
              <>
                <code>{name}</code>{" "}
                {absent?.includes(name) && <Tag color="warning">{t("noNodeHasIt")}</Tag>}
              </>
            }
            resource="nvidia.com/gpu"
            limit={limits[name] ?? null}
            reserved={reserved[name] ?? 0}
          />
        ))}
      </div>
    </Flex>
  );
}
