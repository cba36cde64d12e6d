import { Form, Input, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { bounds } from "@/api/defaults.json";
import type { FieldPath } from "@/ui/fieldErrors";
import { useResourceName } from "@/ui/Resource";
import { BOUNDED, BOUNDS } from "./quotaForm";

type Bounds = Record<(typeof BOUNDS)[number], Partial<Record<(typeof BOUNDED)[number], string>>>;

const given: Bounds = bounds;

/** What a container requests at least, and what it is given that states nothing. */
export function BoundsFields({ at }: { at: FieldPath }) {
  const { t } = useTranslation(["projects", "ui"]);
  const nameOf = useResourceName();
  return (
    <fieldset className="slipway-plain-fieldset">
      <legend>
        <Typography.Text strong>{t("bounds.title")}</Typography.Text>
      </legend>
      <Typography.Paragraph type="secondary">{t("bounds.hint")}</Typography.Paragraph>
      {BOUNDS.map((bound) => (
        <Form.Item key={bound} label={t(`bounds.${bound}`)} style={{ marginBottom: 0 }}>
          <div className="slipway-fields">
            {BOUNDED.map((resource) => (
              <Form.Item
                key={resource}
                name={[...at, bound, resource]}
                style={{ marginBottom: 12 }}
              >
                <Input
                  autoComplete="off"
                  spellCheck={false}
                  aria-label={`${t(`bounds.${bound}`)}: ${nameOf(resource)}`}
                  prefix={<Typography.Text type="secondary">{nameOf(resource)}</Typography.Text>}
                  placeholder={given[bound][resource] ?? t("ui:noLimit")}
                />
              </Form.Item>
            ))}
          </div>
        </Form.Item>
      ))}
    </fieldset>
  );
}
