"""The server's sentences in other languages: whole, compiled, and told to whoever asks."""

import re
from collections.abc import Iterable, Iterator

import orjson
import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.utils.translation import deactivate, override

from core.messages import Message, below, counted, quoted
from embedded.home import CHECKOUT
from projects.models import Role
from tests.factories import make_user, signed_in

FOLDER = CHECKOUT / "locale" / "zh_Hans" / "LC_MESSAGES"
KEYWORDS = {"Message": None, "counted": (1, 2), "gettext_lazy": None}
HOLES = re.compile(r"%\(\w+\)s")


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with (FOLDER / "django.po").open("rb") as file:
        return read_po(file, locale="zh_Hans")


def test_every_sentence_is_translated_and_nothing_else(catalogue):
    found = extract_from_dir(CHECKOUT / "apps", keywords=KEYWORDS)
    assert {message.id for message in catalogue if message.id} == {
        text for _, _, text, _, _ in found
    }
    assert [message.id for message in catalogue if message.id and not message.string] == []


def test_translations_have_the_same_holes(catalogue):
    for message in catalogue:
        if message.id:
            forms = *plain(message.id), *plain(message.string)
            holes = [sorted(HOLES.findall(text)) for text in forms]
            assert holes == holes[:1] * len(holes), message.id


def test_what_is_compiled_is_what_is_written(catalogue):
    with (FOLDER / "django.mo").open("rb") as file:
        compiled = list(read_mo(file))
    assert {plain(m.id): plain(m.string) for m in compiled if m.id} == {
        plain(m.id): plain(m.string) for m in catalogue if m.id
    }


def plain(forms: str | Iterable[str]) -> tuple[str, ...]:
    """The forms of a sentence, of which most have one."""
    return (forms,) if isinstance(forms, str) else tuple(forms)


READY = Message("%(ready)s of %(wanted)s pods are ready.", ready=0, wanted=2)
CRASHED = Message("%(name)s exited.", name="scorer-7d9f-x2x4z")
REFUSED = Message("The API server answered %(status)s.", status=403)
MESSAGES = [
    (Message(), "", ""),
    (READY, "0 of 2 pods are ready.", "Pod 已就绪 0/2。"),
    (
        READY + CRASHED,
        "0 of 2 pods are ready. scorer-7d9f-x2x4z exited.",
        "Pod 已就绪 0/2。scorer-7d9f-x2x4z 已退出。",
    ),
    # Others' words stay theirs, whatever they look like.
    (
        quoted("All of its objects are deleted."),
        "All of its objects are deleted.",
        "All of its objects are deleted.",
    ),
    (
        READY + quoted("0/3 nodes are available: 100% of them are full"),
        "0 of 2 pods are ready. 0/3 nodes are available: 100% of them are full",
        "Pod 已就绪 0/2。0/3 nodes are available: 100% of them are full",
    ),
    (
        REFUSED + below("pods is forbidden\n"),
        "The API server answered 403.\npods is forbidden",
        "API server 返回 403。\npods is forbidden",
    ),
    (
        Message("It waits for the pods: %(message)s", message=READY),
        "It waits for the pods: 0 of 2 pods are ready.",
        "正在等待 Pod：Pod 已就绪 0/2。",
    ),
]


@pytest.mark.parametrize(("message", "english", "chinese"), MESSAGES)
def test_a_message_is_said_in_the_language_of_whoever_asks(message, english, chinese):
    assert str(message) == english
    with override("zh-hans"):
        assert str(message) == chinese


@pytest.mark.parametrize(("message", "english", "chinese"), MESSAGES)
def test_what_is_kept_of_a_message_is_the_message(message, english, chinese):
    kept = orjson.loads(orjson.dumps(message.to_json()))
    assert Message.from_json(kept) == message
    assert hash(Message.from_json(kept)) == hash(message)


@pytest.mark.parametrize(
    ("count", "english"),
    [
        (0, "0 old pods remain."),
        (1, "1 old pod remains."),
        (3, "3 old pods remain."),
    ],
)
def test_a_sentence_that_counts_has_the_form_for_its_number(count, english):
    message = counted("%(count)s old pod remains.", "%(count)s old pods remain.", count=count)
    assert str(message) == english
    assert str(Message.from_json(message.to_json())) == english
    with override("zh-hans"):
        assert str(message) == f"仍有 {count} 个旧 Pod。"


def test_facts_are_numbers_texts_and_messages():
    message = Message("This needs the role %(role)s.", role=Role.ADMIN)
    assert message.to_json() == [["This needs the role %(role)s.", {"role": "admin"}]]
    with override("zh-hans"):
        assert str(message) == "需要 admin 角色。"


def test_nothing_said_is_no_message():
    assert [Message(), quoted(" "), below("\n")] == [Message()] * 3
    assert not Message()
    assert Message() + READY + quoted("") == READY
    # PostgreSQL keeps no null characters.
    assert str(quoted("a\0b")) == "ab"


def test_what_others_said_below_is_not_ours():
    assert (REFUSED + below("pods is forbidden")).ours == REFUSED
    assert (READY + quoted("preemption: none.")).ours == READY + quoted("preemption: none.")


@pytest.mark.parametrize(
    ("message", "ended"),
    [
        (Message(), ""),
        (READY, "0 of 2 pods are ready."),
        (quoted("preemption: none"), "preemption: none."),
        (READY + quoted("preemption: none."), "0 of 2 pods are ready. preemption: none."),
    ],
)
def test_a_message_ends_with_one_full_stop(message, ended):
    assert str(message.ended) == ended


@pytest.fixture
def nobody_asks() -> Iterator[None]:
    """A request leaves its language behind in its thread, which is ours here."""
    yield
    deactivate()


@pytest.mark.django_db
@pytest.mark.usefixtures("nobody_asks")
@pytest.mark.parametrize(
    ("header", "detail"),
    [({}, "This needs"), ({"Accept-Language": "zh-CN"}, "需要")],
    ids=["none", "zh-CN"],
)
def test_refusals_are_told_in_the_language_of_the_request(header, detail):
    client = signed_in(make_user())
    answer = client.post("/api/v1/projects", {"name": "a"}, format="json", headers=header)
    assert answer.status_code == 403
    assert answer.json()["detail"].startswith(detail)
