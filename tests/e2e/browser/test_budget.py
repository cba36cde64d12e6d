"""What a cold page may cost: files, bytes, and jumps of what is read."""

import pytest
from playwright.sync_api import Request, expect

from embedded.demo import Demo
from tests.e2e.api import Api, image
from tests.e2e.browser.conftest import Arrive, fresh
from tests.e2e.browser.shifts import MOST_SHIFT, SHIFTS
from tests.e2e.browser.visit import Visit

MOST_REQUESTS, MOST_SCRIPT_BYTES = 20, 250_000
# How long a page may still ask for something when it has said what it has.
SETTLING_MS = 1_000
PROJECT = fresh("budget")
ENVIRONMENT = f"projects/{PROJECT}/environments/production"
SERVICE = f"{ENVIRONMENT}/services/scorer"
FIRST = "/"
PAGES = (
    FIRST,
    "/projects",
    *("{project}" + tab for tab in ("", "/services", "/rollouts", "/models", "/environments")),
    *("{project}" + tab for tab in ("/access", "/audit", "/models/scorer")),
    "{project}/roll-out?environment=production&service=scorer&version=1",
    "{environment}/secrets",
    *(
        "{environment}/services/scorer?tab=" + tab
        for tab in ("overview", "pods", "events", "revisions", "logs")
    ),
    "/rollouts",
    "/rollouts/{rollout}",
    "/fleet",
    "/platform",
)


@pytest.fixture
def language() -> str:
    """One language: what a page costs hardly depends on words."""
    return "en"


@pytest.fixture(scope="module")
def rollout(stack: Demo) -> str:
    """A project with something of everything; return its finished rollout."""
    api = Api(stack)
    api.post("projects", {"name": PROJECT})
    wish = {"name": "production", "cluster": "embedded", "quota": {"limits": {"cpu": "8"}}}
    api.post(f"projects/{PROJECT}/environments", wish)
    api.post(f"projects/{PROJECT}/models", {"name": "scorer"})
    version = {"version": "1", "image": image("scorer")}
    api.post(f"projects/{PROJECT}/models/scorer/versions", version)
    resources = {"requests": {"cpu": "100m", "memory": "64Mi"}}
    wish = {"name": "scorer", "model": "scorer", "resources": resources}
    api.post(f"{ENVIRONMENT}/services", wish)
    finished = api.wait(api.post(f"{SERVICE}/rollouts", {"version": "1"}, expect=202))
    return str(finished["id"])


@pytest.mark.parametrize("path", PAGES)
def test_a_cold_page_is_few_requests_and_does_not_jump(
    arrive: Arrive, rollout: str, path: str
) -> None:
    visit = arrive("admin")
    visit.page.add_init_script(SHIFTS)
    requests = loaded(
        visit,
        path.format(project=f"/projects/{PROJECT}", environment=f"/{ENVIRONMENT}", rollout=rollout),
    )
    assert len(requests) <= MOST_REQUESTS, [request.url for request in requests]
    assert visit.page.evaluate("window.shifted") <= MOST_SHIFT, visit.page.evaluate("window.moved")


def test_the_first_page_has_little_javascript(arrive: Arrive) -> None:
    requests = loaded(arrive("admin"), FIRST)
    scripts = [request for request in requests if request.resource_type == "script"]
    assert scripts
    size = sum(script.sizes()["responseBodySize"] for script in scripts)
    assert size <= MOST_SCRIPT_BYTES


def loaded(visit: Visit, path: str) -> list[Request]:
    """Open a page and wait until it has everything; return what it asked for."""
    requests: list[Request] = []
    visit.page.on("request", lambda request: requests.append(request))
    visit.go(path)
    expect(visit.page.get_by_role("status").first).to_have_text(visit.words("shell.live"))
    expect(visit.page.locator(".ant-skeleton, .ant-spin-spinning")).to_have_count(0)
    # Not `networkidle`, which a stream keeps away.
    visit.page.wait_for_timeout(SETTLING_MS)
    return requests
