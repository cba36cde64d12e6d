"""Waiting without holding anything: neither a database connection nor a thread."""

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
    """An answer that goes on for as long as it is read, and no longer needs its request."""


def let_go() -> None:
    """Give back the thread's connection before anything other than the database is asked.

    The next query takes another. Inside a transaction nothing can be given back.
    """
    if not connection.in_atomic_block:
        connection.close()


class AskFirst(Exception):
    """Something to ask of somebody else before a transaction can go on; it then starts over."""

    def __init__(self, about: Hashable, ask: Callable[[], object]) -> None:
        super().__init__(about)
        self.about = about
        self.ask = ask


# The answers, or refusals, that the transaction under way has asked for; None without one.
ANSWERS: ContextVar[dict[Hashable, Any] | None] = ContextVar("answers", default=None)


def asked(ask: Callable[[], T], *, about: Hashable) -> T:
    """Return what somebody else answers, asking while nothing is held.

    Raises:
        AskFirst: a transaction of `begun_anew` is under way, and this was not asked before.
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
    """Do work in a transaction; whenever it must ask others first, ask and start over."""
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
    """Run what uses the database outside the event loop, and give its connection back."""

    def run() -> T:
        try:
            return function(*args, **kwargs)
        finally:
            connections.close_all()

    return await sync_to_async(run, thread_sensitive=False)()


async def before(end: "asyncio.Future[None]", chunks: AsyncGenerator[T, None]) -> AsyncIterator[T]:
    """Yield chunks until there are no more, or until `end` is done."""
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
    """Gives every event loop one object that serves everybody who waits on that loop."""

    def __init__(self, make: Callable[[], T]) -> None:
        self.make = make
        self.made: WeakKeyDictionary[asyncio.AbstractEventLoop, T] = WeakKeyDictionary()

    def __call__(self) -> T:
        """Return the running loop's object."""
        loop = asyncio.get_running_loop()
        if loop not in self.made:
            self.made[loop] = self.make()
        return self.made[loop]
