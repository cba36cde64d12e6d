"""Loops go on, whatever they meet, and what they meet is counted."""

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import DataError, IntegrityError, InternalError, OperationalError, connection
from psycopg import errors as postgres
from redis import ConnectionError as RedisAway

from core import supervision
from core.outages import is_outage, is_read_only
from core.supervision import FAULTS, one_by_one, pause_seconds, record_fault


@pytest.fixture(autouse=True)
def brief_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "FIRST_PAUSE_SECONDS", 0.001)


class ThreadKiller(BaseException):
    """Not even an `Exception`."""


@pytest.mark.parametrize("end", [ValueError("x"), ThreadKiller(), SystemExit(1), MemoryError()])
def test_a_loop_that_ended_is_started_again_and_counted(end: BaseException) -> None:
    stop, starts = threading.Event(), []

    def work() -> None:
        starts.append(1)
        if len(starts) < 4:
            raise end
        stop.set()

    supervision.spawn(work, loop="writer", cluster="east", stop=stop).join(10)
    assert len(starts) == 4
    (fault,) = FAULTS.take()
    assert (fault.loop, fault.cluster, fault.count) == ("writer", "east", 3)
    assert type(end).__name__ in fault.last_error


def test_a_loop_that_returns_too_early_is_started_again() -> None:
    stop, starts = threading.Event(), []

    def work() -> None:
        starts.append(1)
        if len(starts) == 3:
            stop.set()

    supervision.spawn(work, loop="writer", stop=stop).join(10)
    assert len(starts) == 3


def test_a_loop_of_the_event_loop_goes_on_until_it_is_cancelled() -> None:
    starts: list[int] = []

    async def work() -> None:
        starts.append(1)
        if len(starts) < 3:
            raise TypeError("unhashable")
        await asyncio.sleep(60)

    async def main() -> None:
        task = asyncio.create_task(supervision.keep_awaiting(work, loop="hub"))
        while len(starts) < 3:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert [(fault.loop, fault.count) for fault in FAULTS.take()] == [("hub", 2)]


def test_pauses_grow_and_have_an_end() -> None:
    pauses = [pause_seconds(ends) for ends in (1, 2, 3, 10_000)]
    assert pauses == sorted(pauses)
    assert pauses[-1] <= supervision.LONGEST_PAUSE_SECONDS


@pytest.mark.parametrize("bad", [set(), {0}, {7}, {3, 4}, set(range(8))])
def test_only_what_cannot_be_worked_on_is_left_out(bad: set[int]) -> None:
    done: list[int] = []
    left: list[int] = []

    def work(items: Sequence[int]) -> None:
        if bad & set(items):
            raise IntegrityError
        done.extend(items)

    one_by_one(work, range(8), leave_out=lambda item, _: left.append(item))
    assert (sorted(done), sorted(left)) == (sorted(set(range(8)) - bad), sorted(bad))


def test_an_outage_is_nobodys_fault() -> None:
    def work(_: Sequence[int]) -> None:
        raise OperationalError

    def leave_out(item: int, _: Exception) -> None:
        pytest.fail(f"{item} was left out")

    with pytest.raises(OperationalError):
        one_by_one(work, range(8), leave_out=leave_out)


def caused(error: Exception, cause: Any) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OperationalError("gone away"), True),
        (RedisAway(), True),
        (caused(OperationalError(), postgres.DeadlockDetected()), True),
        (caused(OperationalError(), postgres.AdminShutdown()), True),
        (caused(OperationalError(), postgres.DiskFull()), True),
        (caused(InternalError(), postgres.ReadOnlySqlTransaction()), True),
        (caused(OperationalError(), postgres.ProgramLimitExceeded()), False),
        (caused(InternalError(), postgres.DataCorrupted()), False),
        (DataError(), False),
        (IntegrityError(), False),
        (OverflowError(), False),
    ],
    ids=lambda value: type(getattr(value, "__cause__", None) or value).__name__,
)
def test_only_what_passes_is_an_outage(error: Exception, expected: bool) -> None:
    assert is_outage(error) is expected


@pytest.mark.django_db
def test_a_database_that_takes_no_writes_is_known_as_such() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        with pytest.raises(InternalError) as caught:
            cursor.execute("CREATE TABLE x ()")
    assert is_outage(caught.value)
    assert is_read_only(caught.value)


def test_what_was_met_is_kept_short_and_has_no_nul() -> None:
    record_fault(ValueError("x\0" * 5_000), loop="reader", about="y" * 5_000)
    (fault,) = FAULTS.take()
    assert "\0" not in fault.last_error
    assert len(fault.last_error) == len(fault.last_object) == supervision.LONGEST_ERROR
