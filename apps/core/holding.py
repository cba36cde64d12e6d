"""What waits holds nothing: neither a database connection nor a thread."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Hashable
from contextvars import ContextVar
from typing import Any, Generic, ParamSpec, TypeVar, cast
from weakref import WeakKeyDictionary

from asgiref.sync import sync_to_async
from django.db import connection, connections, transaction
from django.http import StreamingHttpResponse

P = ParamSpec("P")
T = TypeVar("T")


class Endless(StreamingHttpResponse):
    """An answer that goes on for as long as it is read, and needs nothing of what was asked."""


def let_go() -> None:
    """Give the thread's connection back before something else than the database is asked.

    The next query takes another. Inside a transaction nothing can be given back.
    """
    if not connection.in_atomic_block:
        connection.close()


class AskFirst(Exception):
    """What must be asked of somebody else before a transaction can go on; it is begun anew."""

    def __init__(self, about: Hashable, ask: Callable[[], object]) -> None:
        super().__init__(about)
        self.about = about
        self.ask = ask


# What was asked for the transaction that is under way, or why that was refused; None without one.
ANSWERS: ContextVar[dict[Hashable, Any] | None] = ContextVar("answers", default=None)


def asked(ask: Callable[[], T], *, about: Hashable) -> T:
    """Return what somebody else answers, who is asked while nothing is held.

    Raises:
        AskFirst: a transaction of `begun_anew` is under way.
    """
    answers = ANSWERS.get()
    if answers is None:
        let_go()
        return ask()
    if about not in answers:
        raise AskFirst(about, ask)
    answer: Any = answers[about]
    if isinstance(answer, Exception):
        raise answer
    return cast(T, answer)


def begun_anew(work: Callable[[], T]) -> T:
    """Do work in a transaction, and again with what it finds that it must ask others first."""
    answers: dict[Hashable, Any] = {}
    while True:
        before = ANSWERS.set(answers)
        try:
            with transaction.atomic():
                return work()
        except AskFirst as first:
            wanted = first
        finally:
            ANSWERS.reset(before)
        let_go()
        try:
            answers[wanted.about] = wanted.ask()
        except Exception as refusal:
            answers[wanted.about] = refusal


async def aside(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run what asks the database beside the event loop; its connection is given back."""

    def run() -> T:
        try:
            return function(*args, **kwargs)
        finally:
            connections.close_all()

    return await sync_to_async(run, thread_sensitive=False)()


async def before(end: "asyncio.Future[None]", chunks: AsyncGenerator[T, None]) -> AsyncIterator[T]:
    """Yield what comes until there is no more, or the end does."""
    following: asyncio.Future[Any] | None = None
    try:
        while not end.done():
            following = asyncio.ensure_future(anext(chunks))
            await asyncio.wait({following, end}, return_when=asyncio.FIRST_COMPLETED)
            if not following.done():
                return
            yield following.result()
    except StopAsyncIteration:
        return
    finally:
        if following is not None and not following.done():
            following.cancel()
            await asyncio.wait({following})


class OneEachLoop(Generic[T]):
    """Gives every event loop one of what serves all who wait on it."""

    def __init__(self, make: Callable[[], T]) -> None:
        self.make = make
        self.made: WeakKeyDictionary[asyncio.AbstractEventLoop, T] = WeakKeyDictionary()

    def __call__(self) -> T:
        """Return the one of the running loop."""
        loop = asyncio.get_running_loop()
        if loop not in self.made:
            self.made[loop] = self.make()
        return self.made[loop]
