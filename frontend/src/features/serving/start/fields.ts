import { byImportance, isDevice } from "@/lib/quantity";
import type { FieldPath } from "@/ui/fieldErrors";
import { pairPath } from "@/ui/PairsField";
import type { Values } from "./values";

/** Fields that are always in sight; all others are advanced. */
const PLAIN = new Set([
  "name",
  "replicas",
  "requests",
  "limits",
  "devices",
  "gpu_product",
  "reason",
]);

/** Return whether a field may be folded away. */
export function isAdvanced([root]: FieldPath): boolean {
  return !PLAIN.has(String(root));
}

/** Return where in the form a field of the API's body is. */
export function fieldOf(path: FieldPath, values: Values): FieldPath {
  const [root, part, name] = path;
  if (root === "resources" && part !== undefined && name !== undefined)
    return isDevice(String(name)) ? ["devices", name] : [part, name];
  if (root === "strategy" && (part === undefined || (part === "steps" && name === undefined)))
    return ["strategy", "type"];
  if (path.at(-1) === "pause") return [...path.slice(0, -1), "lasts"];
  return pairPath(path, { env: values.env, node_selector: values.node_selector });
}

/** Return the devices that may be asked for: those with a quota, those that are held, and GPUs. */
export function devicesOf(limits: Record<string, string>, chosen: Values["devices"]): string[] {
  const limited = Object.keys(limits).filter(isDevice);
  return [...new Set(["nvidia.com/gpu", ...limited, ...Object.keys(chosen)])].sort(byImportance);
}
