"""The page of reasons is the list in the code, with the words of the dashboard."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from core.reasons import Reason
from ops.management.commands.reasons import groups, page

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reasons.md"


def test_the_page_is_written_down_as_it_is() -> None:
    out = io.StringIO()
    call_command("reasons", stdout=out)
    assert PAGE.read_text() == out.getvalue()


def test_every_reason_is_in_one_group() -> None:
    listed = [reason for _, reasons in groups() for reason in reasons]
    assert listed == list(Reason)


def test_a_reason_without_words_is_refused_by_name() -> None:
    titles = {reason.value: "Words" for reason in Reason if reason is not Reason.STALE}
    with pytest.raises(CommandError, match="Stale"):
        page(titles)
