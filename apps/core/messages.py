"""What we say: sentences with their facts, translated when they are shown.

A message is a value: rules return it, rows keep it, errors carry it. `str()` renders it in the
reader's language, and in English where there is no reader, as in a worker. The catalogues are in
`locale`; `make words` gathers and compiles them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, ngettext


@dataclass(frozen=True, slots=True)
class Sentence:
    """A template with its facts: `%(name)s` stands for the fact of that name.

    A sentence with a `count` has two forms, for one and for more.
    """

    forms: tuple[str, ...]
    facts: Mapping[str, "str | int | Message"]

    def __str__(self) -> str:
        if len(self.forms) == 1:
            return gettext(self.forms[0]) % self.facts
        one, many = self.forms
        return ngettext(one, many, self.count) % self.facts

    @property
    def count(self) -> int:
        """The number that decides the form."""
        count = self.facts["count"]
        return count if isinstance(count, int) else 0


class Message:
    """Sentences of ours, with what others said between or below them in their own words."""

    __slots__ = ("parts",)

    parts: tuple[Sentence | str, ...]

    def __init__(self, text: str = "", /, **facts: object) -> None:
        self.parts = (sentence(text, facts=facts),) if text else ()

    @classmethod
    def of(cls, parts: Iterable[Sentence | str]) -> "Message":
        """Return a message made of parts; empty quotations are left out."""
        message = cls()
        message.parts = tuple(part for part in parts if part not in ("", "\n"))
        return message

    @property
    def ours(self) -> "Message":
        """The part of it that is ours: without what others said below."""
        return Message.of(part for part in self.parts if not is_below(part))

    @property
    def ended(self) -> "Message":
        """The message with a full stop at its end, in case others left it out."""
        *before, last = self.parts or ("",)
        if isinstance(last, Sentence) or not last:
            return self
        return Message.of((*before, f"{last.rstrip('. ')}."))

    def __add__(self, other: "Message") -> "Message":
        return Message.of((*self.parts, *other.parts))

    def __bool__(self) -> bool:
        return bool(self.parts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and self.parts == other.parts

    def __hash__(self) -> int:
        return hash(str(self.to_json()))

    def __repr__(self) -> str:
        return f"Message({self.to_json()!r})"

    def __str__(self) -> str:
        said = "".join(str(part) if is_below(part) else f" {part}" for part in self.parts)
        # Chinese sentences follow each other without a space.
        return said.strip().replace("。 ", "。")

    def to_json(self) -> list[Any]:
        """Return the message as rows keep it: `[[form, …, {fact: value}], "quotation", …]`."""
        return [
            part if isinstance(part, str) else [*part.forms, facts_as_json(part.facts)]
            for part in self.parts
        ]

    @classmethod
    def from_json(cls, parts: Iterable[Any]) -> "Message":
        """Return the message that was kept as `to_json` wrote it."""
        return cls.of(
            part if isinstance(part, str) else sentence(*part[:-1], facts=part[-1])
            for part in parts
        )


NOTHING_SAID = Message()


def counted(one: str, many: str, /, *, count: int, **facts: object) -> Message:
    """Return a sentence with a count, in the form for that count."""
    return Message.of([sentence(one, many, facts={"count": count, **facts})])


def quoted(words: str) -> Message:
    """Return what somebody else said; it stays the same in every language."""
    return Message.of([words.replace("\0", "").strip()])


def below(words: str) -> Message:
    """Return what somebody else said, to be shown on lines of its own below what we say."""
    return Message.of(f"\n{part}" for part in quoted(words).parts)


def is_below(part: Sentence | str) -> bool:
    """Return whether a part begins a line of its own."""
    return isinstance(part, str) and part.startswith("\n")


def sentence(*forms: str, facts: Mapping[str, object]) -> Sentence:
    """Return a sentence with its facts: numbers, texts, and messages in a message."""
    return Sentence(forms, {name: fact_of(value) for name, value in facts.items()})


def fact_of(value: object) -> str | int | Message:
    """Return a fact as a sentence keeps it."""
    if isinstance(value, list):
        return Message.from_json(value)
    return value if isinstance(value, int | Message) else str(value)


def facts_as_json(facts: Mapping[str, str | int | Message]) -> dict[str, Any]:
    """Return facts as rows keep them; a message in a message is a list."""
    return {n: f.to_json() if isinstance(f, Message) else f for n, f in facts.items()}
