import { DeleteOutlined } from "@ant-design/icons";
import { useRouter, useRouterState } from "@tanstack/react-router";
import { Button, Flex, Form, Input, Modal, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { keep, named, pathOf, useKept } from "@/lib/kept";
import { useFocusReturn } from "./useFocusReturn";

const LONGEST_NAME = 60;

/** Go to a view of this list, save what is shown as one, or delete one. */
export function SavedViewsDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  useFocusReturn();
  const { history } = useRouter();
  const { pathname, href } = useRouterState({ select: (state) => state.location });
  const { views } = useKept();
  const own = views.filter((view) => pathOf(view) === pathname);
  const go = (to: string) => {
    onClose();
    history.push(to);
  };
  return (
    <Modal open title={t("views")} footer={null} onCancel={onClose}>
      <Flex vertical gap={16}>
        {own.length === 0 && <Typography.Text type="secondary">{t("noViews")}</Typography.Text>}
        <ul className="slipway-plain-list">
          {own.map((view) => (
            <Flex key={view.href + view.title} component="li" justify="space-between" gap={8}>
              <Button type="link" onClick={() => go(view.href)}>
                {view.title}
              </Button>
              <Button
                type="text"
                icon={<DeleteOutlined />}
                aria-label={t("deleteView", { name: view.title })}
                onClick={() => keep({ views: views.filter((one) => one !== view) })}
              />
            </Flex>
          ))}
        </ul>
        <Form<{ title: string }>
          layout="vertical"
          onFinish={({ title }) => {
            keep({ views: named(views, { href, title: title.trim() }) });
            onClose();
          }}
        >
          <Form.Item
            name="title"
            label={t("saveView")}
            rules={[{ required: true, whitespace: true, message: t("required") }]}
          >
            <Input maxLength={LONGEST_NAME} />
          </Form.Item>
          <Button htmlType="submit" type="primary">
            {t("save")}
          </Button>
        </Form>
      </Flex>
    </Modal>
  );
}
