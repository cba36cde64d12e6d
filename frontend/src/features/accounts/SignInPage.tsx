import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { Button, Card, Flex, Form, Input, Layout, Segmented, Typography } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { signIn } from "@/api/session";
import { speak } from "@/lib/i18n";
import { type Language, prefer, usePreferences } from "@/lib/preferences";
import logo from "@/ui/logo.svg?inline";
import { ProblemView } from "@/ui/ProblemView";

const route = getRouteApi("/login");

interface Credentials {
  username: string;
  password: string;
}

/** Only our own addresses are followed after signing in. */
function safe(next: string | undefined): string {
  return next?.startsWith("/") && !next.startsWith("//") ? next : "/";
}

/** The door. */
export function SignInPage() {
  const { t } = useTranslation("accounts");
  const { next } = route.useSearch();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { language } = usePreferences();
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    document.title = `${t("signIn")} · Slipway`;
  }, [t]);

  const enter = async ({ username, password }: Credentials): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await signIn(username, password);
      queries.clear();
      const target = safe(next);
      // The API's documentation is a page of its own.
      if (target.startsWith("/api/")) window.location.assign(target);
      else await navigate({ href: target });
    } catch (refusal) {
      setError(refusal);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Layout
      style={{ minHeight: "100vh", padding: 24, alignItems: "center", justifyContent: "center" }}
    >
      <Card style={{ width: 380, maxWidth: "100%" }}>
        <Flex vertical gap={16}>
          <Flex gap={12} align="center">
            <img src={logo} alt="" width={32} height={32} />
            <Typography.Title level={1} className="slipway-title">
              {t("title")}
            </Typography.Title>
          </Flex>
          <Typography.Text type="secondary">{t("tagline")}</Typography.Text>
          {error !== undefined && <ProblemView error={error} />}
          <Form<Credentials>
            layout="vertical"
            onFinish={(values) => void enter(values)}
            requiredMark={false}
          >
            <Form.Item name="username" label={t("username")} rules={[{ required: true }]}>
              <Input autoComplete="username" autoFocus />
            </Form.Item>
            <Form.Item name="password" label={t("password")} rules={[{ required: true }]}>
              <Input.Password autoComplete="current-password" />
            </Form.Item>
            <Button type="primary" htmlType="submit" loading={isBusy} block>
              {t("signIn")}
            </Button>
          </Form>
          <Segmented<Language>
            block
            aria-label="Language / 语言"
            value={language}
            options={[
              { value: "en", label: "English" },
              { value: "zh", label: "中文" },
            ]}
            onChange={(chosen) => {
              prefer({ language: chosen });
              void speak(chosen);
            }}
          />
        </Flex>
      </Card>
    </Layout>
  );
}
