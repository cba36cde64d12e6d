"""The main job in the browser: from an empty project to a service, and back to nothing."""

import re

from playwright.sync_api import expect

from tests.e2e.api import image
from tests.e2e.browser.conftest import Arrive, fresh
from tests.e2e.browser.visit import Visit

# A rollout of simulated pods takes seconds; a busy machine takes its time.
ROLLOUT_MS = 60_000
ENVIRONMENT, MODEL, SERVICE = "production", "scorer", "scorer"


def test_main_job(arrive: Arrive, passwords: dict[str, str]) -> None:
    project = fresh("journey")
    admin = arrive()
    admin.expect_complaint("401 (Unauthorized)")
    admin.go("/")
    sign_in(admin, "admin", passwords["admin"])
    create_project(admin, project)
    create_environment(admin)
    add_deployer(admin, "dana")

    dana = arrive("dana")
    dana.go(f"/projects/{project}/models")
    # Whatever follows has to appear on this one page.
    dana.page.evaluate("window.isTheSamePage = true")
    register_model(dana)
    register_versions(dana, "1", "2")
    create_service(dana)
    watch_it_succeed(dana)
    roll_out(dana, "2")
    watch_it_succeed(dana)
    scale_over_quota(dana)
    scale_up(dana, 2, 3)
    watch_it_succeed(dana)
    roll_back(dana)
    watch_it_succeed(dana)
    read_summary(dana, project)
    decommission(dana)
    watch_it_succeed(dana)
    dana.link(SERVICE).click()
    expect(dana.page.get_by_text(dana.words("ui.healths.Stopped"), exact=True)).to_be_visible()
    assert dana.page.evaluate("window.isTheSamePage")


def sign_in(visit: Visit, username: str, password: str) -> None:
    visit.fill(accounts__username=username, accounts__password=password)
    visit.button("accounts.signIn").click()


def create_project(visit: Visit, name: str) -> None:
    visit.link(visit.words("shell.projects")).click()
    visit.button("projects.create").first.click()
    visit.fill(projects__name=name)
    visit.button("projects.create", within=visit.dialog).click()


def create_environment(visit: Visit) -> None:
    """Room for four cores."""
    visit.button("projects.createEnvironment").first.click()
    visit.fill(projects__name=ENVIRONMENT)
    visit.choose(visit.words("ui.cluster"), "embedded")
    visit.fill(ui__cpu="4")
    visit.button("ui.create", within=visit.dialog).click()
    ready = visit.page.get_by_text(visit.words("projects.phases.Ready"))
    expect(ready).to_be_visible()


def add_deployer(visit: Visit, username: str) -> None:
    visit.link(visit.words("projects.tabs.access")).click()
    visit.button("accounts.addMember").click()
    visit.fill(accounts__username=username)
    role = visit.words("ui.roles.deployer")
    visit.page.get_by_role("radio", name=re.compile(f"^{role}")).check()
    visit.button("accounts.add", within=visit.dialog).click()
    expect(visit.page.get_by_role("row").filter(has_text=username)).to_contain_text(role)


def register_model(visit: Visit) -> None:
    visit.button("registry.registerModel").click()
    visit.fill(ui__name=MODEL)
    visit.button("registry.register", within=visit.dialog).click()
    expect(visit.heading(MODEL)).to_be_visible()


def register_versions(visit: Visit, *versions: str) -> None:
    for version in versions:
        visit.button("registry.registerVersion").first.click()
        visit.fill(ui__version=version, registry__image=image(MODEL, version))
        visit.button("registry.register", within=visit.dialog).click()
        expect(visit.page.get_by_role("row").filter(has_text=version).first).to_be_visible()


def create_service(visit: Visit) -> None:
    """Roll the first version out to a new service, from the model's page."""
    row = visit.page.get_by_role("row").filter(has=visit.page.get_by_text("1", exact=True))
    row.get_by_role("link", name=visit.words.name("registry.rollOut")).click()
    visit.choose(visit.words("ui.environment"), ENVIRONMENT)
    visit.choose(visit.words("ui.service"), visit.words("serving.newService"))
    visit.fill(serving__start__name=SERVICE, ui__replicas="2")
    cpu = visit.words("serving.start.request", resource=visit.words("ui.cpu"))
    memory = visit.words("serving.start.request", resource=visit.words("ui.memory"))
    visit.field(cpu).fill("1")
    visit.field(memory).fill("1Gi")
    visit.button("serving.start.createAndRollOut").click()


def roll_out(visit: Visit, version: str) -> None:
    """Roll a version out from the service's page."""
    visit.link(SERVICE).click()
    visit.button("serving.verbs.roll_out").click()
    visit.choose(visit.words("serving.start.versionOf", model=MODEL), version)
    visit.button("serving.verbs.roll_out").click()


def watch_it_succeed(visit: Visit) -> None:
    """See the rollout that is open end well."""
    expect(visit.page).to_have_url(re.compile("/rollouts/"))
    phase = visit.page.get_by_text(visit.words("ui.phases.Succeeded"), exact=True)
    expect(phase.first).to_be_visible(timeout=ROLLOUT_MS)


def scale_over_quota(visit: Visit) -> None:
    """Plan for more than there is, read what would fit, and leave it."""
    visit.link(SERVICE).click()
    expect(visit.page.get_by_text(visit.words("ui.healths.Healthy"), exact=True)).to_be_visible()
    visit.button("serving.verbs.scale").click()
    visit.fill(ui__replicas="5")
    expect(visit.dialog.get_by_role("alert")).to_contain_text("cpu")
    expect(visit.dialog).to_contain_text(visit.words("serving.plan.highest", count=4))
    expect(visit.dialog).to_contain_text(visit.words("serving.plan.nodesRoom.unknown"))
    expect(visit.button("serving.verbs.scale", within=visit.dialog)).to_have_count(0)
    visit.button("ui.cancel", within=visit.dialog).click()
    expect(visit.dialog).to_be_hidden()


def scale_up(visit: Visit, before: int, after: int) -> None:
    """Read the plan of more pods, and start just that."""
    visit.button("serving.verbs.scale").click()
    visit.fill(ui__replicas=str(after))
    plan = visit.words("serving.plan.replicas", **{"from": before, "to": after})
    expect(visit.dialog).to_contain_text(plan)
    visit.button("serving.verbs.scale", within=visit.dialog).click()


def roll_back(visit: Visit) -> None:
    """Read the plan of returning to the first revision from its row, and start just that."""
    visit.link(SERVICE).click()
    visit.link(visit.words("serving.tabs.revisions")).click()
    visit.button_named(visit.words("serving.plan.returnToNumber", number=1)).click()
    settings = visit.dialog.get_by_role("region", name=visit.words("serving.plan.settings"))
    expect(settings).to_contain_text(visit.words("serving.start.aspects.version"))
    visit.button("serving.verbs.roll_back", within=visit.dialog).click()


def read_summary(visit: Visit, project: str) -> None:
    """Three pods of one core each, of four that are granted."""
    visit.link(project).click()
    visit.link(visit.words("projects.tabs.summary")).click()
    cores, requested = visit.words("ui.cores", count=3), visit.words("ui.requested")
    figures = visit.page.locator("dl").filter(has_text=f"4 {cores}").first
    expect(figures).to_contain_text(f"{requested}3 {cores}")


def decommission(visit: Visit) -> None:
    visit.link(SERVICE).first.click()
    visit.button("serving.verbs.decommission").click()
    confirm = visit.words("ui.typeToConfirm", name=SERVICE)
    expect(visit.button("serving.verbs.decommission", within=visit.dialog)).to_have_count(0)
    visit.field(confirm).fill(SERVICE)
    visit.button("serving.verbs.decommission", within=visit.dialog).click()
