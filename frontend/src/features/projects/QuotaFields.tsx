import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import type { FieldPath } from "@/ui/fieldErrors";
import { amountOf } from "@/ui/quota";
import { BoundsFields } from "./BoundsFields";
import { LimitFields } from "./LimitFields";
import { productsOf, resourcesOf } from "./quotaForm";
import { useHardware } from "./useHardware";

interface Props {
  /** Where the quota is in the form. */
  at?: FieldPath;
  /** The quota that is edited. */
  quota?: Schemas["Quota"];
  cluster: string | undefined;
}

/** An environment's limits per resource and per GPU product, and the bounds of one container. */
export function QuotaFields({ at = [], quota, cluster }: Props) {
  const { t } = useTranslation("projects");
  const { devices, gpuProducts, isKnown } = useHardware(cluster);
  return (
    <>
      <LimitFields
        title={t("limits")}
        hint={t("limitsHint")}
        at={[...at, "limits"]}
        names={resourcesOf(quota)}
        reservedOf={(name) => amountOf(quota?.reserved[name])}
        suggestions={devices}
        addLabel={t("addResource")}
      />
      <LimitFields
        isCountOfGpus
        title={t("gpuProducts")}
        hint={t("gpuProductsHint")}
        at={[...at, "gpu_products"]}
        names={productsOf(quota)}
        reservedOf={(name) => quota?.reserved_gpu_products[name] ?? null}
        suggestions={gpuProducts}
        areAll={isKnown}
        addLabel={t("addGpuProduct")}
      />
      <BoundsFields at={[...at]} />
    </>
  );
}
