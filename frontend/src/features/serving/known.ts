/** What a sentence of Kubernetes means, and the facts that it names. */
export interface Meaning {
  key: KnownSentence;
  facts: Record<string, string>;
}

/**
 * Sentences of Kubernetes, the kubelet and container runtimes that are worth a word more.
 *
 * The first that fits is taken, so what says most stands before what says less of the same.
 */
const KNOWN = {
  exceededQuota: /exceeded quota: (?<quota>[^,]+),/,
  podSecurity: /violates PodSecurity/,
  insufficient: /(?<=nodes are available:.*)Insufficient (?<resource>\S+?)(?=[.,]?(\s|$))/,
  taint: /nodes are available:.*had untolerated taint/,
  selector: /nodes are available:.*didn't match Pod's node affinity\/selector/,
  cordoned: /nodes are available:.*were unschedulable/,
  preemption: /preemption: \d+\/\d+ nodes are available/,
  imageNotFound:
    /(failed to pull and unpack image|failed to resolve|manifest).*(not found|unknown)/i,
  imageRefused: /pull.*(access denied|unauthorized|authorization failed|403 Forbidden)/i,
  imageBackOff: /Back-off pulling image/,
  restartBackOff: /Back-off.* restarting failed container|back-off .+ restarting failed/,
  readiness: /Readiness probe (failed|errored)/,
  liveness: /Liveness probe (failed|errored)|failed liveness probe/,
  startup: /Startup probe (failed|errored)|failed startup probe/,
  outOfMemory: /OOMKilled|OOM-killed|out of memory/i,
  evicted: /node was low on resource: (?<resource>[^\s.]+)/,
  notMounted: /MountVolume\.SetUp failed|Unable to attach or mount volumes/,
} as const;

export type KnownSentence = keyof typeof KNOWN;

/** Say what a sentence means, if it is one that is known. */
export function meaningOf(sentence: string): Meaning | undefined {
  for (const [key, pattern] of Object.entries(KNOWN)) {
    const found = [...sentence.matchAll(new RegExp(pattern, `g${pattern.flags}`))];
    if (found.length > 0) return { key: key as KnownSentence, facts: factsOf(found) };
  }
  return undefined;
}

/** Gather what a pattern names, each time that it fits. */
function factsOf(found: RegExpExecArray[]): Record<string, string> {
  const facts: Record<string, string> = {};
  for (const { groups = {} } of found)
    for (const [name, value] of Object.entries(groups))
      facts[name] = facts[name] ? `${facts[name]}, ${value}` : value;
  return facts;
}
