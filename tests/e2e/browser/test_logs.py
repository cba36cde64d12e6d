"""The logs of a service: all pods together, searched, paused, and linked to by line."""

import re

import pytest
from playwright.sync_api import expect

from embedded.demo import Demo
from tests.e2e.api import Api, image
from tests.e2e.browser.conftest import Arrive, fresh

PROJECT = fresh("logs")
SERVICE = f"projects/{PROJECT}/environments/production/services/scorer"


@pytest.fixture(scope="module")
def api(stack: Demo) -> Api:
    """A service of two pods, which somebody may look at."""
    api = Api(stack)
    api.post("projects", {"name": PROJECT})
    api.post(f"projects/{PROJECT}/members", {"username": "viola", "role": "viewer"})
    wish = {"name": "production", "cluster": "embedded", "quota": {"limits": {"cpu": "8"}}}
    api.post(f"projects/{PROJECT}/environments", wish)
    api.post(f"projects/{PROJECT}/models", {"name": "scorer"})
    version = {"version": "1", "image": image("scorer", "1")}
    api.post(f"projects/{PROJECT}/models/scorer/versions", version)
    service = {
        "name": "scorer",
        "model": "scorer",
        "replicas": 2,
        "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}},
    }
    api.post(SERVICE.rpartition("/")[0], service)
    api.wait(api.post(f"{SERVICE}/rollouts", {"version": "1"}, expect=202))
    return api


def test_the_logs_of_all_pods_are_searched_filtered_and_linked(arrive: Arrive, api: Api) -> None:
    visit = arrive("viola")
    page, words = visit.page, visit.words
    visit.go(f"/{SERVICE}?tab=logs")
    log = page.get_by_role("log", name=words("serving.logOf", pod="scorer"))
    # What simulated pods say plainly, one line of each.
    expect(log.get_by_text("This pod is simulated")).to_have_count(2)
    expect(log.locator(".slipway-ansi-1").first).to_have_text("ERROR")

    visit.choose(words("serving.level"), words("serving.levels.error"))
    expect(log.get_by_text("refused")).to_have_count(2)
    expect(log.get_by_text("This pod is simulated")).to_have_count(0)

    find = visit.field(words("serving.findInLog"))
    find.fill("511 FEATURES")
    status = page.get_by_role("status")
    expect(status.filter(has_text=words("serving.foundOf", place=0, all=2))).to_be_visible()
    find.press("Enter")
    expect(log.locator("[data-current]")).to_contain_text("511 features")
    expect(page.get_by_text(words("serving.paused", count=0))).to_be_visible()
    visit.button("serving.copyLink").press("Enter")
    expect(page).to_have_url(re.compile(r"[?&]line="))

    page.reload()
    expect(log.locator("[data-current]")).to_contain_text("511 features")
    visit.button("serving.resume").press("Enter")
    expect(log.locator("[data-current]")).to_have_count(0)
    expect(page).not_to_have_url(re.compile(r"[?&]line="))

    page.set_viewport_size({"width": 390, "height": 844})
    frame = log.bounding_box()
    assert frame is not None
    assert frame["x"] + frame["width"] <= 390
