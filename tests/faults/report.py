"""What a run was, in figures. Pure."""

from collections import Counter
from collections.abc import Iterator

from tests.faults.evidence import Evidence, Fault
from tests.faults.invariants import INVARIANTS, Violation

MOST_SHOWN = 40


def figures(evidence: Evidence) -> Iterator[str]:
    """Yield lines: what was done, what became of it, and how long it took to settle."""
    rollouts = evidence.ending.rollouts
    phases = Counter(rollout.phase for rollout in rollouts)
    unanswered = sum(attempt.status == 0 or attempt.status >= 500 for attempt in evidence.attempts)
    expired = {rollout for ledger in evidence.ledgers for rollout in ledger.expired}
    yield (
        f"{len(rollouts)} rollouts ({counted(phases)}) of {len(evidence.by_key)} wishes in "
        f"{len(evidence.attempts)} requests, {unanswered} of them without an answer"
    )
    yield (
        f"{len(evidence.faults)} faults, {len(expired)} rollouts whose worker let its lease run "
        f"out, {sum(write.is_ours for write in evidence.writes)} writes of ours to the cluster"
    )
    yield f"{len(evidence.looks)} looks at pages, {len(evidence.ledgers)} at the ledger"
    slowest: dict[str, float] = {}
    for fault in evidence.faults:
        slowest[fault.name] = max(slowest.get(fault.name, 0.0), settled_in(evidence, fault))
    for name, seconds in sorted(slowest.items(), key=lambda pair: -pair[1]):
        yield f"  {name:<20} settled in {seconds:5.1f} s"


def settled_in(evidence: Evidence, fault: Fault) -> float:
    """Return how long after a fault the last rollout that it met came to its end, in seconds."""
    ends = [
        (rollout.finished_at - fault.healed_at).total_seconds()
        for rollout in evidence.ending.rollouts
        if rollout.finished_at and rollout.created_at <= fault.healed_at < rollout.finished_at
    ]
    return max(ends, default=0.0)


def verdict(violations: list[Violation]) -> Iterator[str]:
    """Yield a line for each invariant, then what broke it."""
    broken = Counter(violation.invariant for violation in violations)
    for name in INVARIANTS:
        yield f"  {name:<36} {broken[name] or 'held'}"
    yield from map(str, violations[:MOST_SHOWN])


def counted(counter: "Counter[str]") -> str:
    return ", ".join(f"{count} {name}" for name, count in counter.most_common())
