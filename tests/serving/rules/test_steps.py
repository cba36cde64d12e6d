"""Steps of a canary and of blue-green: what is refused, what each gives, and the way between."""

from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.errors import Invalid
from core.reasons import Reason
from serving.rules.lifecycle import Outcome
from serving.rules.steps import (
    Pause,
    Room,
    Side,
    Sides,
    Weight,
    assess_sides,
    shares,
    toward,
    weight_at,
)
from serving.rules.strategy import (
    Replacement,
    Strategy,
    from_json,
    parse,
    refuse_cramped,
    refuse_inexact,
    without_steps,
)

CANARY = {"type": "canary", "steps": [{"weight": 10}, {"pause": "5m"}, {"weight": 50}]}
ONE_FEWER = {"max_surge": 0, "max_unavailable": 1}


@pytest.mark.parametrize(
    ("strategy", "pointer"),
    [
        ({"type": "canary"}, "/strategy/steps"),
        ({"type": "canary", "steps": []}, "/strategy/steps"),
        ({"type": "canary", "steps": [{"pause": None}]}, "/strategy/steps"),
        ({"type": "canary", "steps": [{"weight": 0}]}, "/strategy/steps/0/weight"),
        ({"type": "canary", "steps": [{"weight": 101}]}, "/strategy/steps/0/weight"),
        ({"type": "canary", "steps": [{"weight": 50}, {"weight": 50}]}, "/strategy/steps/1/weight"),
        ({"type": "canary", "steps": [{"weight": 50}, {"weight": 20}]}, "/strategy/steps/1/weight"),
        ({"type": "canary", "steps": [{"weight": 5, "pause": "1m"}]}, "/strategy/steps/0"),
        ({"type": "canary", "steps": [{}]}, "/strategy/steps/0"),
        ({"type": "canary", "steps": [{"weight": 5}, {"pause": "0s"}]}, "/strategy/steps/1/pause"),
        ({"type": "canary", "steps": [{"weight": 5}, {"pause": "8d"}]}, "/strategy/steps/1/pause"),
        ({"type": "canary", "steps": [{"weight": 5}, {"pause": "so"}]}, "/strategy/steps/1/pause"),
        ({"type": "blue_green", "steps": [{"weight": 5}]}, "/strategy/steps/0/weight"),
        ({"type": "blue_green", "max_surge": 1}, "/strategy"),
        ({"type": "rolling", "steps": [{"weight": 5}]}, "/strategy/steps"),
        ({"type": "recreate", "steps": [{"pause": None}]}, "/strategy/steps"),
    ],
)
def test_steps_that_make_no_sense_are_refused_with_a_pointer(strategy, pointer):
    with pytest.raises(Invalid) as refusal:
        parse(strategy, replicas=4)
    assert refusal.value.errors[0]["pointer"] == pointer


def test_a_step_keeps_the_weight_before_it_and_after_the_last_it_is_all():
    steps = (Weight(10), Pause("5m"), Weight(50))
    assert [weight_at(steps, place) for place in range(5)] == [10, 10, 50, 100, 100]


@pytest.mark.parametrize(
    ("weight", "old", "new", "sides"),
    [
        (10, 10, 10, Sides(1, 9)),
        (25, 4, 4, Sides(1, 3)),
        (10, 2, 2, Sides(1, 1)),
        (10, 1, 1, Sides(1, 1)),
        (99, 4, 4, Sides(3, 1)),
        (50, 3, 3, Sides(2, 1)),
        (25, 2, 4, Sides(1, 1)),
        (50, 4, 2, Sides(1, 2)),
        (100, 4, 4, Sides(4, 0)),
        (0, 4, 4, Sides(0, 4)),
    ],
)
def test_a_weight_gives_the_closest_ratio_of_pods(weight, old, new, sides):
    assert shares(weight, old=old, new=new) == sides


def test_what_cannot_be_given_exactly_is_refused_where_that_was_asked():
    ten, *_ = parse(CANARY, replicas=10)
    refuse_inexact(ten, old=10, new=10)
    with pytest.raises(Invalid, match="2 replicas cannot give 10 %: the closest is 50 %"):
        refuse_inexact(ten, old=2, new=2)


def test_a_single_pod_needs_room_for_a_second():
    assert [one.max_surge for one in parse(CANARY, replicas=1, running=1)] == [1]
    (cramped,) = parse({**CANARY, **ONE_FEWER}, replicas=1)
    with pytest.raises(Invalid, match="needs room for a second pod"):
        refuse_cramped(cramped, old=1, new=1)
    refuse_cramped(cramped, old=2, new=2)


def test_what_does_not_go_by_steps_keeps_its_bounds():
    assert without_steps({**CANARY, "max_surge": 2}) == {"max_surge": 2}
    assert without_steps({"type": "recreate"}) == {"type": "recreate"}


@pytest.mark.parametrize(
    "strategy", [CANARY, {"type": "blue_green"}, {"type": "blue_green", "steps": [{"pause": None}]}]
)
def test_a_rollout_remembers_its_steps(strategy):
    (replacement, *_) = parse(strategy, replicas=4)
    assert from_json(replacement.as_json()) == replacement


def test_steps_are_shown_with_the_pods_of_both_sides():
    (replacement, *_) = parse(CANARY, replicas=2)
    assert [
        (step["kind"], step["weight"], step["seconds"], step["share"])
        for step in replacement.shown_steps(old=2, new=2)
    ] == [("weight", 10, None, 0.5), ("pause", 10, 300, 0.5), ("weight", 50, None, 0.5)]


def test_blue_green_shows_the_candidate_whole_and_without_requests():
    (replacement,) = parse({"type": "blue_green", "steps": [{"pause": None}]}, replicas=2)
    assert [
        (step["kind"], step["candidate_replicas"], step["running_replicas"], step["share"])
        for step in replacement.shown_steps(old=3, new=2)
    ] == [("weight", 2, 3, 0), ("pause", 2, 3, 0)]


@dataclass
class PlayedSide:
    """A Deployment that does what it is told, when it gets round to it."""

    wanted: int = 0
    pods: list[bool] = field(default_factory=list)

    def seen(self) -> Side:
        ready = sum(self.pods)
        return Side(self.wanted, len(self.pods), ready, ready)

    def act(self, what: str) -> None:
        """Make a missing pod, have one ready, or end a surplus one, the unready first."""
        if what == "end" and len(self.pods) > self.wanted:
            self.pods.sort(reverse=True)
            self.pods.pop()
        elif what == "make" and len(self.pods) < self.wanted:
            self.pods.append(False)
        elif what == "ready" and False in self.pods:
            self.pods[self.pods.index(False)] = True


def ways(old: int, new: int) -> list[Replacement]:
    canaries = parse(CANARY, replicas=new, running=old)
    return [*canaries, *parse({"type": "blue_green"}, replicas=new)]


@given(
    old=st.integers(1, 6),
    new=st.integers(1, 6),
    weights=st.lists(st.integers(1, 99), min_size=1, max_size=4, unique=True).map(sorted),
    way=st.integers(0, 3),
    chances=st.randoms(use_true_random=False),
    aborts_after=st.integers(0, 100),
)
def test_on_the_way_and_back_there_are_never_more_pods_nor_fewer_that_answer_than_stated(
    old: int,
    new: int,
    weights: list[int],
    way: int,
    chances: Random,
    aborts_after: int,
) -> None:
    candidates = ways(old, new)
    assume(way < len(candidates))
    replacement = candidates[way]
    room = replacement.room(old=old, new=new)
    goals = [shares(weight, old=old, new=new) for weight in weights] + [Sides(new, 0)]
    if replacement.type is Strategy.BLUE_GREEN:
        goals = [Sides(new, old), Sides(new, 0)]
    candidate, running = PlayedSide(), PlayedSide(old, [True] * old)
    place, is_back = 0, False
    for turn in range(5000):
        is_back = is_back or turn == aborts_after
        goal = Sides(0, old) if is_back else goals[place]
        sides = toward(goal, candidate.seen(), running.seen(), room)
        # The cluster does not stand still between a look and a write.
        for _ in range(3):
            chances.choice((candidate, running)).act(chances.choice(("make", "ready", "end")))
        candidate.wanted, running.wanted = sides.candidate, sides.running
        assert len(candidate.pods) + len(running.pods) <= room.most
        assert sum(candidate.pods) + sum(running.pods) >= room.least
        judged = assess_sides(
            goal,
            candidate.seen(),
            running.seen(),
            since=timedelta(0),
            deadline=timedelta(1),
        )
        if judged.outcome is Outcome.DONE:
            if is_back or place == len(goals) - 1:
                return
            place += 1
    raise AssertionError(f"Never arrived at {goal}: {candidate}, {running}")


def side(wanted: int, existing: int | None = None, available: int | None = None) -> Side:
    existing = wanted if existing is None else existing
    available = existing if available is None else available
    return Side(wanted, existing, available, available)


@pytest.mark.parametrize(
    ("goal", "candidate", "running", "reason"),
    [
        (Sides(1, 3), side(1, available=0), side(4), Reason.WAITING_FOR_PODS),
        (Sides(1, 3), side(1), side(3, existing=4), Reason.WAITING_FOR_OLD_PODS),
        (Sides(1, 3), side(1), side(3, available=1), Reason.STEP_REACHED),
        (Sides(0, 3), side(0), side(3, available=2), Reason.WAITING_FOR_PODS),
        (Sides(0, 3), side(0, existing=1), side(3), Reason.WAITING_FOR_OLD_PODS),
        (Sides(0, 3), side(0), side(3), Reason.STEP_REACHED),
    ],
)
def test_a_step_is_reached_when_nothing_is_missing(goal, candidate, running, reason):
    def judged(since: timedelta) -> Any:
        return assess_sides(goal, candidate, running, since=since, deadline=timedelta(minutes=1))

    assert judged(timedelta(0)).reason is reason
    is_done = reason is Reason.STEP_REACHED
    assert judged(timedelta(hours=1)).outcome is (Outcome.DONE if is_done else Outcome.OVERDUE)


def test_a_pod_that_is_about_to_end_does_not_answer_for_another():
    room = Room(most=5, least=4)
    assert toward(Sides(0, 4), side(1), side(3, existing=4), room) == Sides(1, 4)
    assert toward(Sides(0, 4), side(1), side(4), room) == Sides(0, 4)
