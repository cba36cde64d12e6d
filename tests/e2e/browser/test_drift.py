"""What others change in the cluster is seen, explained, and restored or taken over."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from embedded.demo import Demo
from tests.contract.kubectl import Kubectl
from tests.e2e.api import Api, image
from tests.e2e.browser.conftest import Arrive, fresh
from tests.e2e.browser.test_main_job import watch_it_succeed
from tests.e2e.browser.visit import Visit

PROJECT = fresh("drifting")
SERVICES = f"projects/{PROJECT}/environments/production/services"
# An informer tells, an observer compares, the page fetches; a busy machine takes its time.
SEEN_MS = 60_000


@pytest.fixture(scope="module")
def api(stack: Demo) -> Api:
    """A model with a version, and room for it."""
    api = Api(stack)
    api.post("projects", {"name": PROJECT})
    api.post(f"projects/{PROJECT}/members", {"username": "dana", "role": "deployer"})
    wish = {"name": "production", "cluster": "embedded", "quota": {"limits": {"cpu": "8"}}}
    api.post(f"projects/{PROJECT}/environments", wish)
    api.post(f"projects/{PROJECT}/models", {"name": "scorer"})
    content = {"version": "1", "image": image("scorer", "1")}
    api.post(f"projects/{PROJECT}/models/scorer/versions", content)
    return api


@pytest.fixture
def service(api: Api, language: str) -> str:
    """A service with two pods; return its path."""
    wish = {
        "name": fresh(f"scorer-{language}"),
        "model": "scorer",
        "replicas": 2,
        "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}},
    }
    path = f"{SERVICES}/{wish['name']}"
    api.post(SERVICES, wish)
    api.wait(api.post(f"{path}/rollouts", {"version": "1"}, expect=202))
    return path


@pytest.fixture
def kubectl(stack: Demo, api: Api) -> Kubectl:
    """Somebody else in the namespace of the services."""
    environment = api.get(f"projects/{PROJECT}/environments/production")
    return Kubectl(stack.plane, environment["namespace"])


def test_what_others_change_is_restored_or_taken_over(
    arrive: Arrive, kubectl: Kubectl, service: str
) -> None:
    name = service.rpartition("/")[2]
    visit = arrive("dana")
    # A log may be asked for before its container runs.
    visit.expect_complaint("/logs?")
    visit.go(f"/{service}")
    expect(visit.page.get_by_text(visit.words("ui.healths.Healthy"), exact=True)).to_be_visible()
    expect(visit.page.get_by_text(visit.words("serving.runsRevision", number=1))).to_be_visible()

    scale(kubectl, name, 1)
    see_drift(visit, "spec.replicas", 2, 1)
    restore(visit, "spec.replicas", meanwhile=lambda: scale(kubectl, name, 4))
    watch_it_succeed(visit)
    come_back(visit, name, revision=1)
    assert kubectl("get", f"deployment/{name}", "-o=jsonpath={.spec.replicas}") == "2"

    scale(kubectl, name, 3)
    kubectl("set", "env", f"deployment/{name}", "LOG_LEVEL=debug")
    see_drift(visit, "spec.replicas", 2, 3)
    mark_in_the_list(visit, name)
    take_over(visit)
    watch_it_succeed(visit)
    come_back(visit, name, revision=2)
    expect(visit.page.get_by_text("LOG_LEVEL=debug", exact=True)).to_be_visible()
    ready = visit.words("serving.readyOf", ready=3, desired=3)
    expect(visit.page.get_by_text(ready, exact=True)).to_be_visible()


def test_a_draft_is_kept_beside_what_runs_and_discarded(arrive: Arrive, service: str) -> None:
    visit = arrive("dana")
    visit.go(f"/{service}")
    visit.button("serving.verbs.roll_out").click()
    visit.fill(ui__replicas="4")
    visit.button("serving.start.keepDraft").click()

    panel = visit.page.locator("#draft")
    expect(panel).to_contain_text(visit.words("serving.draft.title"))
    expect(panel.locator("dd")).to_contain_text("24")
    expect(visit.page.get_by_text(visit.words("serving.runsRevision", number=1))).to_be_visible()
    ready = visit.words("serving.readyOf", ready=2, desired=2)
    expect(visit.page.get_by_text(ready, exact=True)).to_be_visible()

    visit.button("serving.verbs.roll_out").click()
    expect(visit.field(visit.words("ui.replicas"))).to_have_value("4")
    visit.page.go_back()
    visit.button("serving.draft.discard", within=panel).click()
    visit.button("serving.draft.discard", within=visit.dialog).click()
    expect(visit.dialog).to_be_hidden()
    expect(panel).to_be_hidden()


def scale(kubectl: Kubectl, name: str, replicas: int) -> None:
    """Change a number of pods past Slipway."""
    kubectl("scale", f"deployment/{name}", f"--replicas={replicas}")


def see_drift(visit: Visit, field: str, wanted: int, found: int) -> None:
    """Read what differs, and who wrote it."""
    line = panel_of(visit).locator("li li").filter(has_text=field)
    expect(line).to_be_visible(timeout=SEEN_MS)
    expect(line.locator("code")).to_have_text([field, str(wanted), str(found)])
    written = visit.words("serving.drift.writtenBy", manager="kubectl")
    expect(line).to_contain_text(written)
    expect(visit.page.get_by_text(visit.words("reasons.Drifted"), exact=True)).to_be_visible()


def panel_of(visit: Visit) -> Locator:
    """The part of the page that says what differs."""
    return visit.page.locator("#drift")


def restore(visit: Visit, field: str, *, meanwhile: Callable[[], object]) -> None:
    """Read what restoring would do; when that is out of date, read it anew and start just that."""
    visit.button("serving.verbs.restore", within=panel_of(visit)).click()
    plan = visit.dialog.get_by_role("list", name=visit.words("serving.plan.changes"))
    expect(plan.locator("code")).to_have_text([field, "1", "2"])
    expect(visit.dialog).to_contain_text(visit.words("serving.plan.lowest"))

    meanwhile()
    see_drift(visit, field, 2, 4)
    visit.expect_complaint("409 (Conflict)")
    visit.button("serving.verbs.restore", within=visit.dialog).click()
    expect(visit.dialog).to_contain_text(visit.words("reasons.PlanStale"))
    expect(visit.dialog).to_contain_text(visit.words("serving.plan.anew"))
    expect(plan.locator("code")).to_have_text([field, "4", "2"])
    visit.button("serving.verbs.restore", within=visit.dialog).click()


def take_over(visit: Visit) -> None:
    """Read what taking over would do, and start just that."""
    visit.button("serving.verbs.take_over", within=panel_of(visit)).click()
    settings = visit.dialog.get_by_role("region", name=visit.words("serving.plan.settings"))
    expect(settings).to_contain_text("LOG_LEVEL")
    expect(settings).to_contain_text(visit.words("serving.start.aspects.replicas"))
    visit.button("serving.verbs.take_over", within=visit.dialog).click()


def come_back(visit: Visit, name: str, *, revision: int) -> None:
    """Go from a rollout to its service, and see that nothing differs any more."""
    visit.link(name).click()
    runs = visit.words("serving.runsRevision", number=revision)
    expect(visit.page.get_by_text(runs)).to_be_visible()
    expect(panel_of(visit)).to_be_hidden(timeout=SEEN_MS)
    healthy = visit.page.get_by_text(visit.words("ui.healths.Healthy"), exact=True)
    expect(healthy).to_be_visible(timeout=SEEN_MS)


def mark_in_the_list(visit: Visit, name: str) -> None:
    """See in the list of services that this one differs, and come back."""
    visit.go(f"/projects/{PROJECT}/services")
    row = visit.page.get_by_role("row").filter(has=visit.link(name))
    expect(row).to_contain_text(visit.words("serving.drift.mark", number=2), timeout=SEEN_MS)
    visit.link(name).click()
    expect(panel_of(visit)).to_be_visible()
