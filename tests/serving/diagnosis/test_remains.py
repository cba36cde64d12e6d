"""What holds up a deletion, by table."""

from django.utils.translation import override

from core.messages import Message
from serving.diagnosis.remains import Remnant, held_up

HOLD = "example.com/hold"


def pod(number: int, *finalizers: str, node: str = "") -> Remnant:
    return Remnant("Pod", f"scorer-{number}", finalizers, node)


def test_nothing_is_said_of_what_only_takes_its_time():
    assert (
        held_up([pod(1), Remnant("Deployment", "scorer", ("foregroundDeletion",))], []) == Message()
    )


def test_a_finalizer_is_named_with_its_object_whatever_its_kind():
    left = [
        Remnant("Deployment", "scorer", ("foregroundDeletion", HOLD)),
        Remnant("ReplicaSet", "scorer-1", (HOLD,)),
        pod(1, HOLD),
    ]
    assert str(held_up(left, [])) == (
        f"Deployment scorer waits for finalizer {HOLD}. "
        f"ReplicaSet scorer-1 waits for finalizer {HOLD}. "
        f"Pod scorer-1 waits for finalizer {HOLD}."
    )


def test_a_pod_on_a_silent_node_is_named_with_it():
    left = [pod(1, node="t4-1"), pod(2, node="t4-2")]
    said = str(held_up(left, {"t4-2"}))
    assert said == "Pod scorer-2 cannot end while its node t4-2 is not ready."


def test_a_few_are_named_and_the_rest_is_counted():
    said = str(held_up([pod(number, HOLD) for number in range(20)], []))
    assert said.count(HOLD) == 3
    assert said.endswith(" And 17 more.")


def test_it_is_said_in_the_language_of_whoever_asks():
    left = [Remnant("Deployment", "scorer", (HOLD,)), pod(1, HOLD), pod(2, HOLD), pod(3, HOLD)]
    with override("zh-hans"):
        assert str(held_up(left, [])) == (
            f"Deployment scorer 正在等待终结器 {HOLD}。Pod scorer-1 正在等待终结器 {HOLD}。"
            f"Pod scorer-2 正在等待终结器 {HOLD}。另有 1 个。"
        )
