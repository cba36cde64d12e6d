import type { Container, Pod } from "../types";

/** The containers that run side by side while a pod serves. */
export function lasting(pod: Pod): Container[] {
  return pod.containers.filter(({ kind }) => kind === "container" || kind === "sidecar");
}

/** How a container last ended; null for one that never did, or that has done its work. */
export function exitCode(container: Container): number | null {
  const code = container.exit_code ?? container.last_exit_code ?? null;
  return container.kind === "init" && container.exit_code === 0 ? null : code;
}

/** The container whose log is meant when none was chosen: the failing one, else what the pod is for. */
export function containerToRead(pod: Pod | undefined): string | undefined {
  if (pod?.cause?.container) return pod.cause.container;
  const own = pod?.containers.filter(({ kind }) => kind === "container") ?? [];
  return (own.find(({ name }) => name === "model") ?? own[0])?.name;
}
