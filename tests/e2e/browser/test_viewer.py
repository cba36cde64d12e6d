"""A viewer sees everything, and no button that would be refused."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from embedded.demo import Demo
from tests.e2e.api import Api, image
from tests.e2e.browser.conftest import Arrive, fresh
from tests.e2e.browser.visit import Visit

PROJECT = fresh("viewed")
ENVIRONMENT = f"projects/{PROJECT}/environments/production"
SERVICE = f"/{ENVIRONMENT}/services/scorer"
PAGES = (
    "/",
    "/projects",
    *(f"/projects/{PROJECT}{tab}" for tab in ("", "/services", "/rollouts", "/models")),
    *(f"/projects/{PROJECT}{tab}" for tab in ("/environments", "/access", "/audit")),
    f"/projects/{PROJECT}/models/scorer",
    f"/projects/{PROJECT}/roll-out?environment=production&service=scorer&version=1",
    *(f"{SERVICE}?tab={tab}" for tab in ("overview", "pods", "events", "revisions", "logs")),
    "/rollouts",
    "/rollouts/{paused}",
    "/fleet",
    "/platform",
)
# What a viewer may press: it changes nothing but what he sees.
LOOKS = (
    *("serving.follow", "serving.previous", "serving.reload", "serving.download", "serving.resume"),
    *("serving.onlyFound", "serving.lineTimes", "serving.wrap", "serving.copyLink"),
    *("serving.foundBefore", "serving.foundNext"),
    *("ui.copy", "ui.expandRow", "ui.retry"),
    # Views of a list, and the titles of columns that order it.
    *("ui.views", "ui.name", "ui.environment", "ui.health", "ui.status", "ui.model", "ui.node"),
    *("ui.createdAt", "serving.change", "serving.startedBy", "serving.started"),
    *("serving.readyColumn", "registry.versions", "projects.project"),
    # What he types into a form is sent by a button that does not work for him.
    *("serving.start.advanced", "serving.start.addEnv", "serving.start.addWord"),
    "serving.start.addLabel",
)
# The component library's own: the steps of numbers.
OF_THE_LIBRARY = {"Increase Value", "Decrease Value"}
# A title that is no word.
TITLES = {"GPU"}
# A line of a log is linked by its time.
LINE_OF_LOG = re.compile(r"\d\d:\d\d:\d\d")
ACTIVE = re.compile(r"^\s*- '?(?:button|menuitem|switch) \"(.*?)\"(?!.*\[disabled\])")


@pytest.fixture(scope="module")
def api(stack: Demo) -> Api:
    """A project with something of everything: a service, a finished and a paused rollout."""
    api = Api(stack)
    api.post("projects", {"name": PROJECT})
    api.post(f"projects/{PROJECT}/members", {"username": "viola", "role": "viewer"})
    wish = {"name": "production", "cluster": "embedded", "quota": {"limits": {"cpu": "8"}}}
    api.post(f"projects/{PROJECT}/environments", wish)
    api.post(f"projects/{PROJECT}/models", {"name": "scorer"})
    for version in ("1", "2"):
        content = {"version": version, "image": image("scorer", version)}
        api.post(f"projects/{PROJECT}/models/scorer/versions", content)
    resources = {"requests": {"cpu": "100m", "memory": "64Mi"}}
    wish = {"name": "scorer", "model": "scorer", "resources": resources}
    api.post(f"{ENVIRONMENT}/services", wish)
    path = f"{ENVIRONMENT}/services/scorer/rollouts"
    api.wait(api.post(path, {"version": "1"}, expect=202))
    return api


@pytest.fixture(scope="module")
def paused(api: Api) -> Iterator[str]:
    """A rollout that waits for a person; return its id."""
    path = f"{ENVIRONMENT}/services/scorer/rollouts"
    rollout = api.post(path, {"version": "2"}, expect=202)
    api.post(f"rollouts/{rollout['id']}/pause", expect=200)
    yield rollout["id"]
    api.post(f"rollouts/{rollout['id']}/abort", expect=200)


def unspaced(name: str) -> str:
    """Return a name as it would be if the library did not space two Han characters out."""
    return name.replace(" ", "")


def test_a_viewer_sees_no_button_that_would_be_refused(arrive: Arrive, paused: str) -> None:
    visit = arrive("viola")
    # A log may be asked for before its container runs.
    visit.expect_complaint("/logs?")
    found = {page: active(visit, page.format(paused=paused)) for page in PAGES}
    harmless = tuple(map(unspaced, {*map(visit.words, LOOKS), *OF_THE_LIBRARY, *TITLES}))
    harmful = {
        page: [
            name
            for name in names
            if not unspaced(name).startswith(harmless) and not LINE_OF_LOG.match(name)
        ]
        for page, names in found.items()
    }
    assert not any(harmful.values()), harmful


def active(visit: Visit, path: str) -> set[str]:
    """Return the names of what can be pressed on a page."""
    visit.go(path)
    content = visit.page.locator("#content")
    expect(content.get_by_role("heading").first).to_be_visible()
    expect(content.locator(".ant-skeleton, .ant-spin-spinning")).to_have_count(0)
    lines = content.aria_snapshot().splitlines()
    return {found[1] for line in lines if (found := ACTIVE.match(line))}
