"""What belongs to a project itself: its description, its environments, and its end."""

import re

import pytest
from playwright.sync_api import expect

from embedded.demo import Demo
from tests.e2e.api import Api
from tests.e2e.browser.conftest import Arrive, fresh


@pytest.fixture
def project(stack: Demo) -> str:
    """A project that holds nothing."""
    name = fresh("empty")
    Api(stack).post("projects", {"name": name, "display_name": "Before"})
    return name


def test_a_project_is_described_anew_and_deleted(arrive: Arrive, project: str) -> None:
    visit = arrive("admin")
    visit.go(f"/projects/{project}/audit")
    visit.button("ui.edit").click()
    expect(visit.field(visit.words("projects.displayName"))).to_have_value("Before")
    visit.fill(projects__displayName="After", projects__description="Scores payments.")
    visit.button("ui.save").click()
    expect(visit.heading("After")).to_be_visible()
    expect(visit.page.get_by_text("Scores payments.").first).to_be_visible()

    # The stream may tell of the end before the answer does, and the page then looks once more.
    visit.expect_complaint(f"/projects/{project}")
    visit.button("ui.delete").click()
    visit.confirm_delete(project)
    expect(visit.page).to_have_url(re.compile("/projects$"))
    expect(visit.heading(visit.words("projects.title"))).to_be_visible()
    expect(visit.link("After")).to_have_count(0)


def test_an_environment_is_deleted_with_its_namespace(arrive: Arrive, project: str) -> None:
    visit = arrive("admin")
    visit.go(f"/projects/{project}/environments")
    visit.button("projects.createEnvironment").first.click()
    visit.fill(projects__name="staging")
    visit.choose(visit.words("ui.cluster"), "embedded")
    visit.button("ui.create", within=visit.dialog).click()
    card = visit.page.locator(".ant-card").filter(has=visit.heading("staging"))
    expect(card.get_by_text(visit.words("projects.phases.Ready"))).to_be_visible()

    visit.button("ui.delete", within=card).click()
    visit.confirm_delete("staging")
    # The cluster takes its time to delete what is in a namespace.
    expect(card).to_have_count(0, timeout=60_000)
    expect(visit.page.get_by_text(visit.words("projects.noEnvironmentYet"))).to_be_visible()
