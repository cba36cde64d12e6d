import { Link } from "@tanstack/react-router";
import { Flex, Form, Select, Tag, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { api, type Schemas } from "@/api/client";
import { Age } from "@/ui/Time";

interface Props {
  project: string;
  model: string | undefined;
  value: string | undefined;
  /** What the service runs now. */
  current: string | null | undefined;
  error: string | undefined;
  onChange: (version: string) => void;
}

/** The version to roll out, newest first; what has no image cannot be. */
export function VersionField({ project, model = "", value, current, error, onChange }: Props) {
  const { t } = useTranslation(["serving", "ui"]);
  const versions = api.useQuery(
    "get",
    "/api/v1/projects/{project}/models/{model}/versions",
    { params: { path: { project, model }, query: { limit: 500 } } },
    { enabled: Boolean(model) },
  );
  const found = versions.data?.results;
  const chosen = found?.find(({ version }) => version === value);
  const isUnknown = value && versions.data?.next === null && !chosen;
  const problem =
    error ||
    (isUnknown && t("start.unknownVersion", { model, version: value })) ||
    (chosen && !chosen.image && t("start.withoutImage"));
  return (
    <Form.Item
      label={model ? t("start.versionOf", { model }) : t("ui:version")}
      htmlFor="version"
      required
      {...(problem && ({ validateStatus: "error", help: problem } as const))}
      extra={
        found?.length === 0 && (
          <Link to="/projects/$project/models/$model" params={{ project, model }}>
            {t("start.noVersion")}
          </Link>
        )
      }
    >
      <Select<string>
        id="version"
        showSearch
        popupMatchSelectWidth={360}
        disabled={!model}
        loading={versions.isFetching}
        value={value ?? null}
        placeholder={t("start.chooseVersion")}
        onChange={onChange}
        options={(found ?? []).map(({ version, image }) => ({
          value: version,
          label: version,
          disabled: !image,
        }))}
        optionRender={({ value: name }) => {
          const one = found?.find(({ version }) => version === name);
          return one && <VersionLabel version={one} isCurrent={name === current} />;
        }}
      />
    </Form.Item>
  );
}

interface VersionLabelProps {
  version: Schemas["VersionOverview"];
  isCurrent: boolean;
}

function VersionLabel({
  version: { version, image, created_at: at },
  isCurrent,
}: VersionLabelProps) {
  const { t } = useTranslation("serving");
  return (
    <Flex justify="space-between" gap={12}>
      <span>
        <code>{version}</code> {isCurrent && <Tag color="processing">{t("current")}</Tag>}
      </span>
      <Typography.Text type="secondary">
        {image ? <Age at={at} /> : t("start.noImage")}
      </Typography.Text>
    </Flex>
  );
}
