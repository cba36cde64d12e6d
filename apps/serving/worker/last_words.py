"""The last lines of a crashed container, read from its cluster before its pod is gone."""

from dataclasses import dataclass
from threading import Timer

from clusters.client import ClusterClient
from clusters.errors import ClusterError
from core.reasons import Reason
from serving.diagnosis.causal_chain import log_hint
from serving.diagnosis.pods import PodFacts, cause_of

CRASHES = frozenset({Reason.CRASH_LOOP_BACK_OFF, Reason.OUT_OF_MEMORY, Reason.CONTAINER_EXITED})
MOST_LINES, MOST_BYTES = 40, 8 * 1024
# The lines may be long, and the API's limit cuts off the end, which is what is wanted.
MOST_READ_BYTES = 1024**2
LONGEST_READ_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class LastLines:
    """The end of a container's log."""

    pod: str
    container: str
    lines: list[str]


def last_lines_of(
    client: ClusterClient, namespace: str, root_cause: PodFacts | None
) -> LastLines | None:
    """Return the last lines of the container that makes a pod crash.

    None if none has crashed, or its log cannot be read: a missing log is no reason to fail.
    """
    hint = log_hint(root_cause)
    if root_cause is None or hint is None or cause_of(root_cause).reason not in CRASHES:
        return None
    try:
        log = client.logs(
            namespace,
            hint.pod,
            container=hint.container,
            previous=str(hint.previous).lower(),
            tailLines=MOST_LINES,
            limitBytes=MOST_READ_BYTES,
        )
        # A log that only trickles in must not hold up the rollout.
        timer = Timer(LONGEST_READ_SECONDS, log.end)
        timer.start()
        try:
            content = b"".join(log)
        finally:
            timer.cancel()
    except ClusterError:
        return None
    return LastLines(hint.pod, hint.container, last_lines(content)) if content else None


def last_lines(content: bytes) -> list[str]:
    """Return the end of a log as text that a database takes; its first line may be cut short."""
    text = content.decode(errors="replace").replace("\0", "")
    end = text.encode()[-MOST_BYTES:].decode(errors="ignore")
    return end.removesuffix("\n").split("\n")[-MOST_LINES:]
