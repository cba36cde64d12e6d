import {
  KeyOutlined,
  QuestionCircleOutlined,
  RobotOutlined,
  SettingOutlined,
  UserOutlined,
} from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";

type Kind = Schemas["ActorKind"];

const ICONS: Record<Kind, typeof UserOutlined> = {
  user: UserOutlined,
  token: KeyOutlined,
  robot: RobotOutlined,
  system: SettingOutlined,
  anonymous: QuestionCircleOutlined,
};

interface Props {
  name: string;
  /** Empty where it was not written down yet. */
  kind: Kind | "";
  token: string;
}

/** Who did it: what bears the name is a sign before it, for a name alone can be anybody's. */
export function Actor({ name, kind, token }: Props) {
  const { t } = useTranslation("ui");
  if (kind === "") return <span>{name}</span>;
  const Icon = ICONS[kind];
  const word = t(`actorKinds.${kind}`);
  const hint = kind === "token" ? t("actorToken", { kind: word, token }) : word;
  return (
    <span title={hint}>
      <Icon aria-label={hint} /> {name || word}
    </span>
  );
}
