import type { Words } from "../en";
import accounts from "./accounts.json";
import attention from "./attention.json";
import fleet from "./fleet.json";
import platform from "./platform.json";
import projects from "./projects.json";
import reasons from "./reasons.json";
import registry from "./registry.json";
import serving from "./serving.json";
import shell from "./shell.json";
import ui from "./ui.json";
import usage from "./usage.json";

export const words: Words = {
  accounts,
  attention,
  fleet,
  platform,
  projects,
  reasons,
  registry,
  serving,
  shell,
  ui,
  usage,
};
