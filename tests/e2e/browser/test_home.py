"""The first page: what needs the reader now, what changed, and what there is room for."""

import pytest
from playwright.sync_api import expect

from embedded.demo import Demo
from tests.e2e.api import Api, image
from tests.e2e.browser.conftest import Arrive, fresh

PROJECT = fresh("home")
ENVIRONMENT = f"projects/{PROJECT}/environments/production"


@pytest.fixture(scope="module")
def paused(stack: Demo) -> str:
    """A project with a rollout that waits for a person; return the rollout's id."""
    api = Api(stack)
    api.post("projects", {"name": PROJECT})
    api.post(f"projects/{PROJECT}/members", {"username": "dana", "role": "deployer"})
    wish = {"name": "production", "cluster": "embedded", "quota": {"limits": {"cpu": "4"}}}
    api.post(f"projects/{PROJECT}/environments", wish)
    api.post(f"projects/{PROJECT}/models", {"name": "scorer"})
    version = {"version": "1", "image": image("scorer")}
    api.post(f"projects/{PROJECT}/models/scorer/versions", version)
    resources = {"requests": {"cpu": "100m", "memory": "64Mi"}}
    wish = {"name": "scorer", "model": "scorer", "resources": resources}
    api.post(f"{ENVIRONMENT}/services", wish)
    rollout = api.post(f"{ENVIRONMENT}/services/scorer/rollouts", {"version": "1"}, expect=202)
    api.post(f"rollouts/{rollout['id']}/pause", {}, expect=200)
    return str(rollout["id"])


def test_what_waits_for_a_person_is_one_click_away(arrive: Arrive, paused: str) -> None:
    visit = arrive("dana")
    visit.go("/")
    expect(visit.heading(visit.words("shell.home"))).to_be_visible()
    waiting = visit.page.locator("li.is-waiting")
    expect(waiting).to_contain_text(visit.words("attention.kinds.waiting"))
    waiting.get_by_role("link", name=f"{PROJECT}/production/scorer").click()
    expect(visit.page).to_have_url(f"{visit.url}/rollouts/{paused}")


def test_what_changed_and_what_there_is_room_for_is_shown(arrive: Arrive, paused: str) -> None:
    visit = arrive("dana")
    visit.go("/")
    for part in ("attention", "changes", "capacity", "yourProjects"):
        expect(visit.heading(visit.words(f"shell.{part}"))).to_be_visible()
    change = visit.page.locator(f'a[href="/rollouts/{paused}"]')
    expect(change.first).to_be_visible()
    expect(visit.page.get_by_role("list", name=visit.words("fleet.cardsByModel"))).to_be_visible()


def test_it_is_not_wider_than_a_phone(arrive: Arrive, paused: str) -> None:
    visit = arrive("dana")
    visit.page.set_viewport_size({"width": 390, "height": 844})
    visit.go("/")
    expect(visit.heading(visit.words("shell.changes"))).to_be_visible()
    width = visit.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
