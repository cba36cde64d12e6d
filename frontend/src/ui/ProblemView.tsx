import { Alert, Button, Flex, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { asProblem } from "@/api/problem";
import { LinkButton } from "./LinkButton";
import { useReason } from "./Reason";

interface Props {
  error: unknown;
  onRetry?: () => void;
}

/** What went wrong, in the server's own sentence, with the number to quote to whoever helps. */
export function ProblemView({ error, onRetry }: Props) {
  const { t } = useTranslation();
  const problem = asProblem(error);
  const reason = useReason(problem.reason);
  const { errors = [], request_id: requestId, detail } = problem.body;
  const others = errors.filter((one) => !detail.includes(one.detail));
  return (
    <Alert
      type={problem.status === 403 || problem.status === 409 ? "warning" : "error"}
      showIcon
      role="alert"
      title={reason}
      description={
        <>
          <div>{problem.status === 0 ? t("unreachable") : detail}</div>
          {others.map((one) => (
            <div key={one.pointer + one.detail}>
              <Typography.Text code>{one.pointer || "/"}</Typography.Text> {one.detail}
            </div>
          ))}
          {requestId && (
            <Typography.Text type="secondary" copyable={{ text: requestId }}>
              {t("requestId")} {requestId}
            </Typography.Text>
          )}
        </>
      }
      action={
        onRetry && (
          <Flex gap="small">
            {problem.status === 404 && <LinkButton to="/projects">{t("toProjects")}</LinkButton>}
            <Button onClick={onRetry}>{t("retry")}</Button>
          </Flex>
        )
      }
    />
  );
}
