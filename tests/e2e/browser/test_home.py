"""The first page: what needs the reader now, what changed, and what there is room for."""

import pytest
from playwright.sync_api import expect

from embedded.demo import Demo
from tests.e2e.api import Api
from tests.e2e.browser.conftest import Arrive, fresh
from tests.e2e.browser.pages import furnish


@pytest.fixture(scope="module")
def rollout(stack: Demo) -> str:
    """The id of a rollout that has just been."""
    return furnish(Api(stack), fresh("home"), dana="deployer")["rollout"]


def test_what_changed_and_what_there_is_room_for_is_shown(arrive: Arrive, rollout: str) -> None:
    visit = arrive("dana")
    visit.go("/")
    for part in ("attention", "changes", "capacity", "yourProjects"):
        expect(visit.heading(visit.words(f"shell.{part}"))).to_be_visible()
    change = visit.page.locator(f'a[href="/rollouts/{rollout}"]')
    expect(change.first).to_be_visible()
    expect(visit.page.get_by_role("list", name=visit.words("fleet.cardsByModel"))).to_be_visible()
