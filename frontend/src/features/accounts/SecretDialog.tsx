import { CheckOutlined, CopyOutlined } from "@ant-design/icons";
import { Alert, Button, Flex, Modal, Typography } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useFocusReturn } from "@/ui/useFocusReturn";

interface Props {
  token: Schemas["IssuedToken"];
  onClose: () => void;
}

/** The secret of a new token: here and never again, so only its own button closes this. */
export function SecretDialog({ token: { name, secret, secret_message }, onClose }: Props) {
  const { t } = useTranslation(["accounts", "ui"]);
  useFocusReturn();
  return (
    <Modal
      open
      title={t("secretTitle", { name })}
      closable={false}
      keyboard={false}
      mask={{ closable: false }}
      footer={
        <Button type="primary" onClick={onClose}>
          {t("secretKept")}
        </Button>
      }
    >
      <Flex vertical gap={16}>
        {secret === null ? (
          <Alert type="error" showIcon title={secret_message} />
        ) : (
          <Secret secret={secret} />
        )}
      </Flex>
    </Modal>
  );
}

function Secret({ secret }: { secret: string }) {
  const { t } = useTranslation(["accounts", "ui"]);
  return (
    <>
      <Alert type="warning" showIcon title={t("secretOnce")} description={t("secretHint")} />
      <Typography.Text
        className="slipway-secret"
        copyable={{
          text: secret,
          icon: [
            <span key="copy">
              <CopyOutlined /> {t("ui:copy")}
            </span>,
            <span key="copied">
              <CheckOutlined /> {t("ui:copied")}
            </span>,
          ],
        }}
      >
        <code>{secret}</code>
      </Typography.Text>
    </>
  );
}
