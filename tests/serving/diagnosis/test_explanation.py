"""What a rollout waits for and what comes next, by table."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.messages import quoted
from core.reasons import Reason
from serving.diagnosis.explanation import Progress, explanation
from serving.rules.lifecycle import Phase, RolloutKind

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
CLOCK = {"progressed_at": NOW, "deadline": timedelta(minutes=10)}


def rollout(phase: Phase, reason: str = "", message: str = "", **other: Any) -> Progress:
    fields = {"kind": RolloutKind.DEPLOY, "returns_to": 3, "replaces_pods": True, **CLOCK, **other}
    return Progress(phase=phase, reason=reason, message=quoted(message), **fields)


@pytest.mark.parametrize(
    ("progress", "sentence"),
    [
        pytest.param(
            rollout(Phase.PENDING, Reason.ADMITTED, "The quota has room for it."),
            "It waits for a worker to take it up. Then it applies the change and follows the pods. "
            "Without progress until 12:10:00 UTC it goes back to revision 3.",
            id="pending",
        ),
        pytest.param(
            rollout(Phase.PROGRESSING, Reason.WAITING_FOR_PODS, "2 of 4 new pods are ready."),
            "It waits for the new pods to be ready: 2 of 4 new pods are ready. "
            "Then the last old pods end and it succeeds. "
            "Without progress until 12:10:00 UTC it goes back to revision 3.",
            id="progressing",
        ),
        pytest.param(
            rollout(
                Phase.PROGRESSING,
                Reason.WAITING_FOR_PODS,
                "0 of 1",
                returns_to=None,
                replaces_pods=False,
            ),
            "It waits for the new pods to be ready: 0 of 1. Then it succeeds. "
            "Without progress until 12:10:00 UTC it fails.",
            id="the first one has nothing to return to",
        ),
        pytest.param(
            rollout(Phase.PROGRESSING, Reason.WAITING_FOR_PODS, "3 of 4", replaces_pods=False),
            "It waits for the new pods to be ready: 3 of 4. Then it succeeds. "
            "Without progress until 12:10:00 UTC it goes back to revision 3.",
            id="a deploy that only changes how many there are",
        ),
        pytest.param(
            rollout(Phase.PROGRESSING, Reason.WAITING_FOR_OLD_PODS, "1 old pods remain."),
            "It waits for the old pods to end. Then it succeeds. "
            "Without progress until 12:10:00 UTC it goes back to revision 3.",
            id="old pods",
        ),
        pytest.param(
            rollout(
                Phase.PROGRESSING,
                Reason.WAITING_FOR_DELETION,
                "2 pods remain.",
                kind=RolloutKind.DECOMMISSION,
                deadline=None,
            ),
            "It waits for everything it deleted to be gone. "
            "Then it releases its quota and succeeds.",
            id="decommission",
        ),
        pytest.param(
            rollout(Phase.PAUSED, Reason.PAUSED),
            "It waits for a person: resume continues from here, abort returns to revision 3.",
            id="paused",
        ),
        pytest.param(
            rollout(Phase.ROLLING_BACK, Reason.WAITING_FOR_PODS, "1 of 2", is_aborted=True),
            "It waits for the pods of revision 3: 1 of 2. Then it ends as Aborted.",
            id="aborted",
        ),
        pytest.param(
            rollout(Phase.SUCCEEDED, Reason.COMPLETED, "4 of 4 pods are ready."),
            "4 of 4 pods are ready.",
            id="finished",
        ),
    ],
)
def test_a_rollout_says_what_it_waits_for_and_what_comes_next(
    progress: Progress, sentence: str
) -> None:
    assert str(explanation(progress)) == sentence
