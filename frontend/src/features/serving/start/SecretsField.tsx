import { MinusCircleOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Flex, Form, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import type { SecretRow } from "./values";

interface Props {
  project: string;
  environment: string;
}

/** Secrets of the environment that a service gets: one key as a variable, or its keys as files. */
export function SecretsField(place: Props) {
  const { t } = useTranslation(["serving", "ui"]);
  return (
    <Form.Item label={t("secrets")} extra={t("start.secretsHint")}>
      <Form.List name="secrets">
        {(rows, { add, remove }) => (
          <Flex vertical gap={8}>
            {rows.map(({ key, name }) => (
              <Flex key={key} gap={8} align="start" wrap>
                <SecretRowFields at={name} {...place} />
                <Button
                  type="text"
                  icon={<MinusCircleOutlined />}
                  aria-label={t("ui:delete")}
                  onClick={() => remove(name)}
                />
              </Flex>
            ))}
            <Button
              type="dashed"
              icon={<PlusOutlined />}
              onClick={() => add({ as: "env" } satisfies Partial<SecretRow>)}
            >
              {t("start.addSecret")}
            </Button>
          </Flex>
        )}
      </Form.List>
    </Form.Item>
  );
}

interface RowProps extends Props {
  at: number;
}

function SecretRowFields({ at, ...path }: RowProps) {
  const { t } = useTranslation(["serving", "ui"]);
  const form = Form.useFormInstance();
  // Asked for by what shows them: most services have none.
  const secrets = api.useQuery(
    "get",
    "/api/v1/projects/{project}/environments/{environment}/secrets",
    { params: { path, query: { limit: 500 } } },
  );
  const keysOf = Object.fromEntries(secrets.data?.results.map((s) => [s.name, s.keys]) ?? []);
  const row: Partial<SecretRow> = Form.useWatch(["secrets", at], form) ?? {};
  const isVariable = row.as !== "path";
  const keys = (row.secret && keysOf[row.secret]) || [];
  const required = [{ required: true, message: t("ui:required") }];
  return (
    <>
      <Form.Item name={[at, "secret"]} rules={required} style={{ flex: "1 1 140px", margin: 0 }}>
        <Select<string>
          showSearch
          loading={secrets.isPending}
          aria-label={t("start.secret")}
          placeholder={t("start.secret")}
          options={Object.keys(keysOf).map((name) => ({ value: name, label: name }))}
        />
      </Form.Item>
      <Form.Item
        name={[at, "key"]}
        rules={isVariable ? required : []}
        style={{ flex: "1 1 140px", margin: 0 }}
      >
        <Select<string>
          allowClear={!isVariable}
          aria-label={t("start.secretKey")}
          placeholder={t(isVariable ? "start.secretKey" : "start.allKeys")}
          options={keys.map((key) => ({ value: key, label: key }))}
        />
      </Form.Item>
      <Form.Item name={[at, "as"]} style={{ flex: "0 1 140px", margin: 0 }}>
        <Select<SecretRow["as"]>
          aria-label={t("start.secretAs")}
          options={[
            { value: "env", label: t("start.asVariable") },
            { value: "path", label: t("start.asFiles") },
          ]}
        />
      </Form.Item>
      <Form.Item
        name={[at, isVariable ? "env" : "path"]}
        key={isVariable ? "env" : "path"}
        rules={required}
        style={{ flex: "1 1 180px", margin: 0 }}
      >
        <Input
          aria-label={t(isVariable ? "start.envName" : "start.mountPath")}
          placeholder={isVariable ? "DB_PASSWORD" : "/etc/secrets/database"}
          autoComplete="off"
          spellCheck={false}
        />
      </Form.Item>
    </>
  );
}
