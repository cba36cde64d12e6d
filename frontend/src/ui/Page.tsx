import { Flex, Skeleton, Typography } from "antd";
import { Children, type ReactNode, useDeferredValue, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { keep, kept, keptHref, visited } from "@/lib/kept";

interface Props {
  title: string;
  /** Where it is, if others elsewhere are called the same. */
  where?: string;
  /** Which part of it is shown, where it has several. */
  part?: string | undefined;
  /** What stands beside the title: states and facts. */
  tags?: ReactNode;
  /** The path to here, as links. */
  path?: ReactNode[];
  /** What can be done here. */
  actions?: ReactNode;
  /** Whether the content is not there yet; a skeleton stands in where that can be. */
  isAwaited?: boolean;
  children: ReactNode;
}

/** A page: where we are, what it is called, what can be done, and the content. */
export function Page({ title, where, part, tags, path, actions, isAwaited, children }: Props) {
  const { t } = useTranslation();
  // What a page holds is made a few milliseconds at a time, after its head.
  const isDue = useDeferredValue(!isAwaited, false);
  const name = [title, where, part].filter(Boolean).join(" · ");
  const { pathname } = window.location;
  useEffect(() => {
    document.title = `${name} · Slipway`;
    const tab = new URLSearchParams(window.location.search).get("tab");
    const href = keptHref(pathname, tab);
    if (!isAwaited) keep({ recents: visited(kept().recents, { href, title: name }) });
  }, [name, pathname, isAwaited]);
  return (
    <Flex vertical gap={16}>
      <header>
        {path && (
          <nav aria-label={t("path")}>
            <ol className="slipway-path">
              {Children.map(path, (step) => (
                <li>{step}</li>
              ))}
              <li aria-current="page">{title}</li>
            </ol>
          </nav>
        )}
        <Flex justify="space-between" align="center" gap={16} wrap style={{ minHeight: 40 }}>
          <Flex align="center" gap={12} wrap>
            <Typography.Title level={1} className="slipway-title">
              {title}
            </Typography.Title>
            {tags}
          </Flex>
          {actions && (
            <Flex gap={8} wrap className="slipway-page-actions">
              {actions}
            </Flex>
          )}
        </Flex>
      </header>
      {isDue ? children : isAwaited !== undefined && <Skeleton active />}
    </Flex>
  );
}
