"""Challenges are read as servers write them."""

import time

import pytest

from registry.challenges import Challenge, challenges_in


@pytest.mark.parametrize(
    ("headers", "challenges"),
    [
        pytest.param([], [], id="none"),
        pytest.param([""], [], id="nothing"),
        pytest.param([", ,"], [], id="commas"),
        pytest.param(["Basic"], [Challenge("basic")], id="a bare scheme"),
        pytest.param(
            [r'Basic realm="say \"a, b\"", charset=UTF-8'],
            [Challenge("basic", {"realm": 'say "a, b"', "charset": "UTF-8"})],
            id="quotes and commas inside quotes",
        ),
        pytest.param(
            ["Negotiate dGVzdA==,Basic"],
            [Challenge("negotiate"), Challenge("basic")],
            id="a token68",
        ),
        pytest.param(
            ['Bearer  realm = "r" ,service= s'],
            [Challenge("bearer", {"realm": "r", "service": "s"})],
            id="spaces",
        ),
        pytest.param(
            ['Bearer realm="a",realm="b"'], [Challenge("bearer", {"realm": "a"})], id="twice"
        ),
        pytest.param(['realm="r"', "Basic"], [Challenge("basic")], id="no scheme"),
        pytest.param(
            ["Basic", 'realm="r"'], [Challenge("basic")], id="a header does not go on in the next"
        ),
        pytest.param(['Bearer realm="open'], [Challenge("bearer")], id="an open quote"),
        pytest.param(
            ["Bearer realm=https://x/t?a=b,scope=s"],
            [Challenge("bearer", {"realm": "https://x/t?a=b", "scope": "s"})],
            id="an unquoted address",
        ),
    ],
)
def test_challenges_are_read(headers, challenges):
    assert challenges_in(headers) == challenges


@pytest.mark.parametrize("text", ['"', '\\"', "a ", "=", ", ", "a=b,"])
def test_reading_takes_no_time_on_what_is_made_to_take_long(text):
    before = time.process_time()
    challenges_in(["Bearer " + text * 50_000])
    assert time.process_time() - before < 1
