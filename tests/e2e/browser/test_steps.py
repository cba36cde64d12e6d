"""A canary in the browser: chosen, planned, followed, and promoted by whoever looks at it."""

import pytest
from playwright.sync_api import expect

from tests.e2e.api import Api, image
from tests.e2e.browser.conftest import Arrive, fresh
from tests.e2e.browser.pages import add_service, furnish
from tests.e2e.browser.test_main_job import ROLLOUT_MS, watch_it_succeed
from tests.e2e.browser.test_questions import is_in_the_screen, within_a_thumb
from tests.e2e.browser.visit import Visit

REPLICAS = 4


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("zh", 390)], indirect=["language"])
def test_a_canary_is_chosen_followed_and_promoted(
    arrive: Arrive, api: Api, language: str, width: int
) -> None:
    project = fresh("canary")
    furnish(api, project, "other", dana="deployer")
    environment = f"projects/{project}/environments/production"
    version = {"version": "2", "image": image("scorer", "2")}
    api.post(f"projects/{project}/models/scorer/versions", version)
    add_service(api, environment, "scorer", replicas=REPLICAS)
    started = api.post(f"{environment}/services/scorer/rollouts", {"version": "1"}, expect=202)
    assert api.wait(started)["phase"] == "Succeeded"

    visit = arrive("dana", width=width)
    visit.go(f"/projects/{project}/roll-out?environment=production&service=scorer&version=2")
    choose_canary(visit)
    wait_for_promotion(visit)
    is_in_the_screen(visit)
    within_a_thumb(visit, visit.button("serving.verbs.promote"))
    promote_fully(visit)
    watch_it_succeed(visit)
    traffic = visit.page.get_by_text(visit.words("serving.steps.share", version="2", percent=25))
    expect(traffic).to_have_count(0)


def choose_canary(visit: Visit) -> None:
    """Choose the steps that are offered, see what share the pods give, and start."""
    visit.page.get_by_role("button", name=visit.words("serving.start.advanced")).click()
    strategies = visit.words("serving.start.strategies.canary")
    visit.choose(visit.words("serving.figures.strategy"), strategies)
    steps = visit.page.get_by_role("list", name=visit.words("serving.steps.title"))
    expect(steps).to_contain_text(visit.words("serving.steps.rounded", percent=25))
    expect(steps.get_by_role("listitem")).to_have_count(5)
    visit.button("serving.verbs.roll_out").click()


def wait_for_promotion(visit: Visit) -> None:
    """See the rollout get to where it waits, and what the new version gets there."""
    waits = visit.page.get_by_text(visit.words("serving.steps.waitsForYou"), exact=True)
    expect(waits).to_be_visible(timeout=ROLLOUT_MS)
    share = visit.words("serving.steps.share", version="2", percent=25)
    expect(visit.page.get_by_text(share)).to_be_visible()
    by = visit.words("serving.steps.by.replica_ratio")
    expect(visit.page.get_by_text(by)).to_be_visible()


def promote_fully(visit: Visit) -> None:
    """Skip what is left, having read what that is."""
    visit.button("serving.verbs.promote_fully").click()
    expect(visit.dialog.get_by_role("listitem")).to_have_count(4)
    visit.button("serving.verbs.promote_fully", within=visit.dialog).click()
    expect(visit.dialog).to_have_count(0)
