"""What holds up a deletion, by table."""

from django.utils.translation import override

from core.words import retold
from serving.diagnosis.remains import Remnant, held_up

HOLD = "example.com/hold"


def pod(number: int, *finalizers: str, node: str = "") -> Remnant:
    return Remnant("Pod", f"scorer-{number}", finalizers, node)


def test_nothing_is_said_of_what_only_takes_its_time():
    assert held_up([pod(1), Remnant("Deployment", "scorer", ("foregroundDeletion",))], []) == []


def test_a_finalizer_is_named_with_its_object_whatever_its_kind():
    left = [
        Remnant("Deployment", "scorer", ("foregroundDeletion", HOLD)),
        Remnant("ReplicaSet", "scorer-1", (HOLD,)),
        pod(1, HOLD),
    ]
    assert held_up(left, []) == [
        f"Deployment 'scorer' waits for finalizer {HOLD}.",
        f"ReplicaSet scorer-1 waits for finalizer {HOLD}.",
        f"Pod scorer-1 waits for finalizer {HOLD}.",
    ]


def test_a_pod_on_a_silent_node_is_named_with_it():
    left = [pod(1, node="t4-1"), pod(2, node="t4-2")]
    assert held_up(left, {"t4-2"}) == ["Pod scorer-2 cannot end while its node t4-2 is not ready."]


def test_a_few_are_named_and_the_rest_is_counted():
    said = held_up([pod(number, HOLD) for number in range(20)], [])
    assert len(said) == 4
    assert said[-1] == "And 17 more."


def test_names_that_could_be_words_are_retold_too():
    left = [Remnant("Deployment", "scorer", (HOLD,)), pod(1, HOLD), pod(2, HOLD), pod(3, HOLD)]
    with override("zh-hans"):
        assert retold(" ".join(held_up(left, []))) == (
            f"Deployment 'scorer' 正在等待终结器 {HOLD}。实例 scorer-1 正在等待终结器 {HOLD}。"
            f"实例 scorer-2 正在等待终结器 {HOLD}。另有 1 个。"
        )
