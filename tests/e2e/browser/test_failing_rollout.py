"""A version that crashes explains itself, and the service returns to its last good revision."""

import pytest
from playwright.sync_api import expect

from embedded.demo import Demo
from tests.e2e.api import Api, image
from tests.e2e.browser.conftest import Arrive, fresh

PROJECT = fresh("failing")
SERVICES = f"projects/{PROJECT}/environments/production/services"


@pytest.fixture(scope="module")
def api(stack: Demo) -> Api:
    """A model whose second version crashes."""
    api = Api(stack)
    api.post("projects", {"name": PROJECT})
    api.post(f"projects/{PROJECT}/members", {"username": "dana", "role": "deployer"})
    wish = {"name": "production", "cluster": "embedded", "quota": {"limits": {"cpu": "8"}}}
    api.post(f"projects/{PROJECT}/environments", wish)
    api.post(f"projects/{PROJECT}/models", {"name": "scorer"})
    for version, name in (("1", "scorer"), ("2", "crashing")):
        content = {"version": version, "image": image(name, version)}
        api.post(f"projects/{PROJECT}/models/scorer/versions", content)
    return api


@pytest.fixture
def service(api: Api, language: str) -> str:
    """A service that runs the good version; return its path."""
    wish = {
        "name": f"scorer-{language}",
        "model": "scorer",
        "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}},
        "progress_deadline_seconds": 15,
    }
    path = f"{SERVICES}/{wish['name']}"
    api.post(SERVICES, wish)
    api.wait(api.post(f"{path}/rollouts", {"version": "1"}, expect=202))
    return path


def test_a_failing_rollout_explains_itself(arrive: Arrive, api: Api, service: str) -> None:
    visit = arrive("dana")
    page, words = visit.page, visit.words
    # A log may be asked for before its container runs.
    visit.expect_complaint("/logs?")
    visit.go(f"/{service}")
    expect(page.get_by_text(words("serving.versionIs", version="1"), exact=True)).to_be_visible()

    api.post(f"{service}/rollouts", {"version": "2"}, expect=202)
    chain = page.get_by_role("list", name=words("serving.whyTitle"))
    expect(chain).to_contain_text(words("serving.exitCode", code=1), timeout=30_000)
    visit.link(words("serving.watch")).click()

    failed = page.get_by_text(words("ui.phases.Failed"), exact=True)
    expect(failed.first).to_be_visible(timeout=45_000)
    returned = words("serving.outcome.returned", version="1", revision=1)
    expect(page.get_by_role("alert").filter(has_text=returned)).to_be_visible()
    expect(page.get_by_text(words("serving.returning.done")).first).to_be_visible()

    visit.link(service.rpartition("/")[2]).click()
    expect(page.get_by_text(words("serving.versionIs", version="1"), exact=True)).to_be_visible()
    # Where the machine is so busy that the mirror is stale meanwhile, it is Unknown for a minute.
    healthy = page.get_by_text(words("ui.healths.Healthy"), exact=True)
    expect(healthy).to_be_visible(timeout=90_000)
