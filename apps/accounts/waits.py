"""Answers that are held: what they wait for, and who waits."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from uuid import UUID

from accounts.standing import Credential
from core.places import Place


@dataclass(frozen=True, slots=True)
class Subject:
    """What is waited for: an object whose changes are announced, and who knows when it is over."""

    kind: str
    id: UUID
    project: str
    which_are_over: Callable[[Collection[UUID]], Collection[UUID]]


@dataclass(eq=False, frozen=True, slots=True)
class Hold:
    """Why an answer is not sent yet; once that is over, the request is asked again."""

    subject: Subject
    seconds: float
    credential: Credential
    place: Place
