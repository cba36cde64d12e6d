"""What was kept as text becomes messages, and nothing of it is lost."""

import json

import pytest

from clusters.migrations._messages import (
    HOLE,
    REWORDED,
    SENTENCES,
    message_of,
    text_of,
    to_json,
    to_text,
)
from core.messages import Message

READY = ["%(ready)s of %(wanted)s pods are ready.", {"ready": 1, "wanted": 2}]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", []),
        ("1 of 2 pods are ready.", [READY]),
        (
            "1 of 2 pods are ready. scorer-7d9f-x exited. Its last exit code was 137. It was ended "
            "by signal 9.",
            [
                READY,
                ["%(name)s exited.", {"name": "scorer-7d9f-x"}],
                ["Its last exit code was %(code)s.", {"code": 137}],
                ["It was terminated by signal %(signal)s.", {"signal": 9}],
            ],
        ),
        (
            "1 of 2 pods are ready. 0/3 nodes are available: 3 Insufficient cpu. preemption: none.",
            [READY, "0/3 nodes are available: 3 Insufficient cpu. preemption: none."],
        ),
        (
            "The API server answered 403.\npods is forbidden\n(twice)",
            [
                ["The API server answered %(status)s.", {"status": 403}],
                "\npods is forbidden\n(twice)",
            ],
        ),
        (
            "Deployment 'scorer' waits for finalizer example.com/hold.",
            [
                [
                    "%(kind)s %(name)s waits for finalizer %(finalizer)s.",
                    {"kind": "Deployment", "name": "scorer", "finalizer": "example.com/hold"},
                ]
            ],
        ),
        (
            "1 pods are still there.",
            [["%(count)s pod remains.", "%(count)s pods remain.", {"count": 1}]],
        ),
        (
            "It differs from what was rolled out in one place.",
            [
                [
                    "It differs from what was rolled out in %(count)s place.",
                    "It differs from what was rolled out in %(count)s places.",
                    {"count": 1},
                ]
            ],
        ),
        ("raising the number for the sale at 100%", ["raising the number for the sale at 100%"]),
    ],
)
def test_a_kept_text_becomes_a_message(text, message):
    assert message_of(text) == message
    assert bool(Message.from_json(message)) is bool(text)


def test_every_sentence_is_found_again_with_its_facts():
    for forms in SENTENCES:
        facts = {name: f"x-{number}" for number, name in enumerate(HOLE.findall(forms[-1]))}
        facts |= {"count": 7} if len(forms) > 1 else {}
        now = [REWORDED.get(form, form) for form in forms]
        assert message_of(forms[-1] % facts) == [[*now, facts]]


@pytest.mark.parametrize("text", ["", "1 of 2 pods are ready.", "2 of 2 pods are ready. So\nHi"])
def test_the_way_back_leads_to_the_text(text):
    assert to_text(to_json(text)) == text
    assert text_of(json.loads(to_json(text))) == text
