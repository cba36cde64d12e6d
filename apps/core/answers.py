"""What an answer from outside means: one table for clusters, registries and Prometheus.

Only the lack of any answer is an outage. A refusal is an answer, however often it comes.
"""

from collections.abc import Mapping
from enum import Enum


class Answer(Enum):
    """What the caller can do about an answer."""

    # The same question gets the same answer until somebody changes something.
    REFUSED = "refused"
    # The other side answered that it cannot do this now: overload, a failing webhook.
    BUSY = "busy"
    # Nobody answered, or only a proxy did. The only answer for which deadlines wait.
    AWAY = "away"
    # The world moved between reading and writing: look again and repeat.
    REPEAT = "repeat"


# A status that is not listed is a refusal. Source: RFC 9110, section 15; Kubernetes answers 500 to
# a request whose webhook fails, or that etcd finds too large.
MEANINGS: Mapping[int, Answer] = {
    408: Answer.AWAY,
    409: Answer.REPEAT,
    410: Answer.REPEAT,
    412: Answer.REPEAT,
    425: Answer.BUSY,
    429: Answer.BUSY,
    500: Answer.BUSY,
    502: Answer.AWAY,
    503: Answer.AWAY,
    504: Answer.AWAY,
}


def meaning_of(status: int) -> Answer:
    """Return what an HTTP status of 300 or more means."""
    return MEANINGS.get(status, Answer.REFUSED)
