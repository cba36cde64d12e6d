"""Visitors of the dashboard, in both languages."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from secrets import token_hex

import pytest
from playwright.sync_api import Browser

from embedded.demo import Demo
from tests.e2e.api import Api
from tests.e2e.browser.visit import Look, Visit, session_of, visiting

Arrive = Callable[..., Visit]


def fresh(name: str) -> str:
    """Return a name that no other run and no other test uses."""
    return f"{name}-{token_hex(2)}"


@pytest.fixture(params=["en", "zh"])
def language(request: pytest.FixtureRequest) -> str:
    """The language of the visit."""
    chosen: str = request.param
    return chosen


@pytest.fixture(scope="module")
def api(stack: Demo) -> Api:
    return Api(stack)


@pytest.fixture
def passwords(stack: Demo) -> dict[str, str]:
    """What opens the accounts of the admin and of the story's people."""
    facts = stack.home.demo()
    return {facts["username"]: facts["password"], **facts["users"]}


@pytest.fixture
def arrive(
    browser: Browser, stack: Demo, language: str, passwords: dict[str, str]
) -> Iterator[Arrive]:
    """Let somebody come by name, with a session of their own; without a name, signed out."""
    with ExitStack() as visits:

        def come(username: str = "", **size: int) -> Visit:
            cookies = session_of(stack.url, username, passwords[username]) if username else []
            look = Look(language=language, **size)
            visit = visiting(browser, stack.url, look=look, cookies=cookies)
            return visits.enter_context(visit)

        yield come
