import { SearchOutlined } from "@ant-design/icons";
import { keepPreviousData } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { Flex, Input, type InputRef, Modal, Tag, Typography } from "antd";
import { type KeyboardEvent, useEffect, useEffectEvent, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, type Schemas } from "@/api/client";
import { useSettled } from "@/lib/useSettled";
import { ProblemView } from "@/ui/ProblemView";
import { useFocusReturn } from "@/ui/useFocusReturn";
import { type Group, type Item, useGroups } from "./items";

interface Props {
  /** What is looked for; somebody may have begun to type before this was there. */
  text: string;
  onText: (text: string) => void;
  onClose: () => void;
  onKeys: () => void;
}

/** How long nobody types before the server is asked. */
const PAUSE_MS = 120;
const LONGEST_TEXT = 100;

/** Finds what has a name, and goes there or does it, by the keyboard alone. */
export function Palette({ text, onText, onClose, onKeys }: Props) {
  const { t } = useTranslation("shell");
  useFocusReturn();
  const search = useSearch(text.trim());
  const groups = useGroups(text.trim(), search.found, onKeys);
  const items = groups.flatMap((group) => group.items);
  const choose = useChoose(onClose);
  const { chosen, setChosen, onEnter } = useChosen(items, search, choose);
  const list = useId();
  const field = useRef<InputRef>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    // Enter that ends the writing of a word in Chinese chooses nothing here.
    if (event.nativeEvent.isComposing) return;
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (step) setChosen(items.at((items.indexOf(chosen as Item) + step) % items.length));
    else if (event.key === "Enter") onEnter();
    else return;
    event.preventDefault();
  };
  return (
    <Modal
      open
      closable={false}
      footer={null}
      width={640}
      style={{ top: 64 }}
      title={t("find")}
      onCancel={onClose}
      afterOpenChange={(isOpen) => isOpen && field.current?.focus()}
    >
      <Flex vertical gap={12}>
        <Input
          ref={field}
          autoFocus
          size="large"
          variant="borderless"
          prefix={<SearchOutlined />}
          role="combobox"
          aria-label={t("find")}
          aria-expanded
          aria-controls={list}
          aria-autocomplete="list"
          aria-activedescendant={chosen && idOf(list, chosen)}
          placeholder={t("findPlaceholder")}
          maxLength={LONGEST_TEXT}
          value={text}
          onChange={(event) => {
            onText(event.target.value);
            setChosen(undefined);
          }}
          onKeyDown={onKeyDown}
        />
        {search.hasFailed && <ProblemView error={search.error} onRetry={search.retry} />}
        <Options id={list} groups={groups} chosen={chosen} onChoose={choose} />
        <Typography.Text type="secondary" role="status">
          {search.isDue ? t("finding") : t("foundCount", { count: items.length })}
        </Typography.Text>
      </Flex>
    </Modal>
  );
}

interface Search {
  /** Whether the server has not answered for this text yet. */
  isDue: boolean;
  hasFailed: boolean;
  retry: () => void;
}

/** Ask the server for a text, once nobody types. */
function useSearch(text: string): Search & { found: Schemas["Found"][]; error: unknown } {
  const settled = useSettled(text, PAUSE_MS);
  const answer = api.useQuery(
    "get",
    "/api/v1/search",
    { params: { query: { q: settled } } },
    { enabled: settled !== "", placeholderData: keepPreviousData, refetchInterval: false },
  );
  const isAnswered = settled === text && !answer.isPlaceholderData && !answer.isPending;
  const hasFailed = isAnswered && answer.isError && !answer.isFetching;
  return {
    found: (text && answer.data?.results) || [],
    isDue: text !== "" && !hasFailed && (!isAnswered || answer.isError),
    hasFailed: text !== "" && hasFailed,
    error: answer.error,
    retry: () => void answer.refetch(),
  };
}

function useChoose(onClose: () => void) {
  const { history } = useRouter();
  return ({ href, act }: Item) => {
    onClose();
    if (href) history.push(href);
    act?.();
  };
}

/** The first is chosen until arrows choose another; Enter waits for the answer, or asks for it again. */
function useChosen(items: Item[], search: Search, choose: (item: Item) => void) {
  const { isDue, hasFailed } = search;
  const [id, setId] = useState<string>();
  const [isHurried, setHurried] = useState(false);
  const pointed = items.find((item) => item.id === id);
  const chosen = pointed ?? items[0];
  const onAnswer = useEffectEvent(() => {
    setHurried(false);
    if (chosen && (pointed || !hasFailed)) choose(chosen);
  });
  useEffect(() => {
    if (isHurried && !isDue) onAnswer();
  }, [isHurried, isDue]);
  return {
    chosen,
    setChosen: (item: Item | undefined) => {
      setId(item?.id);
      setHurried(false);
    },
    onEnter: () => {
      if (pointed) choose(pointed);
      else if (hasFailed) search.retry();
      else if (isDue) setHurried(true);
      else if (chosen) choose(chosen);
    },
  };
}

function idOf(list: string, { id }: Item): string {
  return `${list}-${encodeURIComponent(id)}`;
}

interface OptionsProps {
  id: string;
  groups: Group[];
  chosen: Item | undefined;
  onChoose: (item: Item) => void;
}

function Options({ id, groups, chosen, onChoose }: OptionsProps) {
  const { t } = useTranslation("shell");
  return (
    <div id={id} role="listbox" aria-label={t("results")} className="slipway-options">
      {groups.map(({ title, items }) => (
        // biome-ignore lint/a11y/useSemanticElements: a listbox has groups, not fieldsets.
        <div key={title} role="group" aria-label={title}>
          <Typography.Text type="secondary" aria-hidden>
            {title}
          </Typography.Text>
          {items.map((item) => (
            <Option
              key={item.id}
              id={idOf(id, item)}
              item={item}
              isChosen={item === chosen}
              onChoose={() => onChoose(item)}
            />
          ))}
        </div>
      ))}
    </div>
  );
}

interface OptionProps {
  id: string;
  item: Item;
  isChosen: boolean;
  onChoose: () => void;
}

function Option({ id, item, isChosen, onChoose }: OptionProps) {
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isChosen) row.current?.scrollIntoView({ block: "nearest" });
  }, [isChosen]);
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus and names the option.
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field hears the keys.
    <div ref={row} id={id} role="option" aria-selected={isChosen} onClick={onChoose}>
      <span className="slipway-option-label">{item.label}</span>
      {item.where && <Typography.Text type="secondary">{item.where}</Typography.Text>}
      {item.kind && <Tag>{item.kind}</Tag>}
    </div>
  );
}
