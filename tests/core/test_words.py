"""The server's sentences in other languages: whole, compiled, and told to whoever asks."""

import re
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.utils.translation import deactivate, override

from core.words import retold, told
from embedded.home import CHECKOUT
from tests.factories import make_user, signed_in

FOLDER = CHECKOUT / "locale" / "zh_Hans" / "LC_MESSAGES"
KEYWORDS = {"told": None, "kept": None, "gettext_lazy": None}
HOLES = re.compile(r"%\(\w+\)s|%s")


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
            assert sorted(HOLES.findall(message.id)) == sorted(HOLES.findall(message.string))


def test_what_is_compiled_is_what_is_written(catalogue):
    with (FOLDER / "django.mo").open("rb") as file:
        compiled = {message.id: message.string for message in read_mo(file) if message.id}
    assert compiled == {message.id: message.string for message in catalogue if message.id}


@pytest.mark.parametrize(
    ("kept", "chinese"),
    [
        ("2 of 4 new pods are ready.", "新实例已就绪 2/4。"),
        ("Nothing of it is left.", "已全部清除。"),
        ("0/12 nodes are available: 100% of them.", "0/12 nodes are available: 100% of them."),
        ("", ""),
        (
            "0 of 2 pods are ready. scorer-7d9f-x2x4z exited. Its last exit code was 1.",
            "实例已就绪 0/2。scorer-7d9f-x2x4z 已退出。上次退出码为 1。",
        ),
        (
            "1 of 2 pods are ready. 0/3 nodes are available: 3 Insufficient cpu. preemption: none.",
            "实例已就绪 1/2。0/3 nodes are available: 3 Insufficient cpu. preemption: none.",
        ),
        # A container may end with these words.
        ("%s pods are still there.", "%s pods are still there."),
    ],
)
def test_kept_sentences_are_retold_where_they_are_known(kept, chinese):
    assert retold(kept) == kept
    with override("zh-hans"):
        assert retold(kept) == chinese


def test_every_kept_sentence_is_retold_with_numbers_and_names(catalogue):
    translations = {message.id: message.string for message in catalogue}
    with override("zh-hans"):
        for _, _, text, _, _ in extract_from_dir(CHECKOUT / "apps", keywords={"kept": None}):
            facts = ("7", "scorer-7d9f-x2x4z")[: text.count("%s")]
            assert retold(text % facts) == translations[text] % facts


def test_facts_stand_where_the_language_wants_them():
    with override("zh-hans"):
        assert told("This needs the role %(role)s.", role="admin") == "需要 admin 角色。"


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
