from datetime import UTC, datetime, timedelta

from core import pace

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def test_what_is_undone_again_and_again_is_written_ever_later():
    pauses = [pace.pause_after(writes).total_seconds() for writes in range(11)]
    assert pauses == [0, 0, 0, 2, 4, 8, 16, 32, 60, 60, 60]
    assert pace.pause_after(10**9) == pace.LONGEST_PAUSE


def test_the_pause_counts_from_the_last_write():
    assert pace.left_to_wait(4, NOW - timedelta(seconds=1), now=NOW) == timedelta(seconds=3)
    assert not pace.left_to_wait(4, NOW - timedelta(seconds=4), now=NOW)
    assert not pace.left_to_wait(0, None, now=NOW)


def test_after_a_quiet_time_it_is_the_first_again():
    assert pace.counted_up(7, NOW - timedelta(seconds=60), now=NOW) == 8
    assert pace.counted_up(7, NOW - pace.QUIET, now=NOW) == 1
    assert pace.counted_up(0, None, now=NOW) == 1
