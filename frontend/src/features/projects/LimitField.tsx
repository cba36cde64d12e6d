import { Form, Input, InputNumber, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { isDevice, parseQuantity } from "@/lib/quantity";
import type { FieldPath } from "@/ui/fieldErrors";
import { ResourceName, useAmount } from "@/ui/Resource";
import { limitOf } from "./quotaForm";

interface Props {
  name: string;
  path: FieldPath;
  /** What admission has promised already; null where nothing is. */
  reserved: number | null;
  isCountOfGpus: boolean;
  /** Whether it is known that no node has it. */
  isAbsent: boolean;
}

/** One limit, what it means in words, and what is reserved already. */
export function LimitField({ name, path, reserved, isCountOfGpus, isAbsent }: Props) {
  const { t } = useTranslation(["projects", "ui"]);
  const write = useAmount();
  const typed: unknown = Form.useWatch(path);
  const resource = isCountOfGpus ? "nvidia.com/gpu" : name;
  const limit = isCountOfGpus ? typed : limitOf(name, String(typed ?? ""));
  const isLowered = typeof limit === "number" && limit < (reserved ?? 0);
  return (
    <Form.Item
      name={path}
      label={isCountOfGpus ? <code>{name}</code> : <ResourceName resource={name} />}
      layout="horizontal"
      labelCol={{ span: 10 }}
      wrapperCol={{ span: 14 }}
      labelAlign="left"
      colon={false}
      style={{ marginBottom: 12 }}
      {...((isLowered || isAbsent) && { validateStatus: "warning" as const })}
      extra={
        <>
          {reserved !== null && (
            <Typography.Text type={isLowered ? "warning" : "secondary"}>
              {t("reservedNow", { amount: write(resource, reserved) })}{" "}
            </Typography.Text>
          )}
          {isAbsent && <Typography.Text type="warning">{t("noNodeHasIt")}</Typography.Text>}
        </>
      }
    >
      {isCountOfGpus ? (
        <InputNumber
          min={0}
          precision={0}
          placeholder={t("ui:noLimit")}
          style={{ width: "100%" }}
        />
      ) : (
        <Input
          autoComplete="off"
          spellCheck={false}
          placeholder={
            isDevice(name)
              ? t("notAllowed")
              : t(name === "pods" ? "podsUnlessStated" : "ui:noLimit")
          }
          suffix={isDevice(name) ? null : <Meaning resource={name} text={typed} />}
        />
      )}
    </Form.Item>
  );
}

/** What a quantity is in words, where it is written differently: 8G is 7.45 GiB. */
function Meaning({ resource, text }: { resource: string; text: unknown }) {
  const write = useAmount();
  const amount = typeof text === "string" ? parseQuantity(text) : Number.NaN;
  if (Number.isNaN(amount)) return <span />;
  return <Typography.Text type="secondary">{write(resource, amount)}</Typography.Text>;
}
