"""What ops staff and project owners come to ask, answered from the first page by what they press.

In both languages on a laptop, a large screen and a phone; what the page says is held against what
the REST API says. `test_main_job` rolls out, back, up and away on a laptop.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from core.waiting import wait_until
from embedded.demo import Demo
from tests.e2e.api import Api, image
from tests.e2e.browser.conftest import Arrive, fresh
from tests.e2e.browser.pages import add_service, furnish
from tests.e2e.browser.test_main_job import (
    decommission,
    roll_back,
    roll_out,
    scale_up,
    watch_it_succeed,
)
from tests.e2e.browser.visit import LOCALE, Visit

HEIGHTS = {1280: 800, 1920: 1080, 390: 844}
PHONE = 390
PROJECT = fresh("asked")
ENVIRONMENT = f"projects/{PROJECT}/environments/production"
SERVICES = f"{ENVIRONMENT}/services"
GPU, MODEL = "nvidia.com/gpu", "NVIDIA-A10"
CARDS = 2
LIMITS = {"cpu": "16", "memory": "64Gi", GPU: "4"}
# What is used is collected twice a minute, and told a minute later at the latest.
MEASURED_SECONDS = 120


@pytest.fixture(scope="module")
def world(stack: Demo) -> dict[str, str]:
    """A project whose service holds cards, with one rollout that failed and one that waits.

    Return the ids of these two.
    """
    api = Api(stack)
    # Nobody else's services fail before her eyes.
    furnish(api, PROJECT, ada="admin")
    api.put(f"{ENVIRONMENT}/quota", {"limits": LIMITS})
    for version, name in (("2", "scorer"), ("3", "crashing")):
        register(api, PROJECT, version, name)
    add_service(api, ENVIRONMENT, "broken", progress_deadline_seconds=10)
    failing = start(api, "broken", "3")
    waiting = start(api, "scorer", "3")
    api.post(f"rollouts/{waiting['id']}/pause", expect=200)
    needs = {"requests": {"cpu": "1", "memory": "4Gi", GPU: "1"}}
    add_service(api, ENVIRONMENT, "vision", replicas=CARDS, gpu_product=MODEL, resources=needs)
    for version in ("1", "2"):
        assert api.wait(start(api, "vision", version))["phase"] == "Succeeded"
    assert api.wait(failing)["phase"] == "Failed"
    return {"failed": failing["id"], "waiting": waiting["id"]}


def register(api: Api, project: str, version: str, name: str = "scorer") -> None:
    content = {"version": version, "image": image(name, version)}
    api.post(f"projects/{project}/models/scorer/versions", content)


def start(api: Api, service: str, version: str) -> Any:
    return api.post(f"{SERVICES}/{service}/rollouts", {"version": version}, expect=202)


@pytest.fixture
def told(stack: Demo, language: str) -> Api:
    """The REST API, in the language of the visit."""
    api = Api(stack)
    api.http.headers["Accept-Language"] = LOCALE[language]
    return api


@pytest.mark.parametrize("width", HEIGHTS)
def test_who_runs_the_platform_is_answered(
    arrive: Arrive, told: Api, world: dict[str, str], width: int
) -> None:
    visit = arrive("ada", width=width, height=HEIGHTS[width])
    # A log may be asked for before its container runs.
    visit.expect_complaint("/logs?")
    visit.go("/")
    who_holds_that_card(visit, told)
    what_runs_where(visit, told)
    will_it_fit(visit, told)
    can_it_go_back(visit)
    is_it_healthy(visit, told)
    why_did_it_fail(visit, told, world["failed"])
    what_waits_for_me(visit, told, world["waiting"])


@pytest.mark.parametrize("width", HEIGHTS)
def test_who_owns_a_project_is_answered(
    arrive: Arrive, told: Api, world: dict[str, str], width: int
) -> None:
    visit = arrive("ada", width=width, height=HEIGHTS[width])
    visit.go("/")
    open_project(visit, PROJECT)
    for resource in (GPU, "cpu"):
        what_of_our_quota(visit, told, resource)
    what_do_we_waste(visit, told)
    what_did_we_change(visit, told)


@pytest.mark.parametrize(
    ("language", "width"), [("en", 1920), ("zh", PHONE)], indirect=["language"]
)
def test_a_service_goes_out_back_up_and_away(arrive: Arrive, told: Api, width: int) -> None:
    project = fresh("moving")
    furnish(told, project, ada="admin")
    register(told, project, "2")
    visit = arrive("ada", width=width, height=HEIGHTS[width])
    visit.expect_complaint("/logs?")
    visit.go("/")
    open_project(visit, project)
    visit.link(visit.words("projects.tabs.services")).click()
    expect(visit.link("scorer")).to_have_count(1)
    roll_out(visit, "2")
    watch_it_succeed(visit)
    roll_back(visit)
    watch_it_succeed(visit)
    visit.link("scorer").click()
    scale_up(visit, 1, 3)
    watch_it_succeed(visit)
    is_in_the_screen(visit)
    decommission(visit)
    watch_it_succeed(visit)
    visit.link("scorer").click()
    stopped = visit.page.get_by_text(visit.words("ui.healths.Stopped"), exact=True)
    expect(stopped).to_be_visible()


def who_holds_that_card(visit: Visit, told: Api) -> None:
    """Count the cards of a model, and see on each of its nodes who has how many."""
    (cards,) = (c for c in told.get("fleet/summary")["gpus"] if c["gpu_product"] == MODEL)
    go_to(visit, "fleet")
    tiles = visit.page.get_by_role("list", name=visit.words("fleet.cardsByModel"))
    tile = tiles.get_by_role("listitem").filter(has_text=MODEL)
    for word, part in (
        ("total", "total"),
        ("parts.requested", "requested"),
        ("parts.free", "free"),
    ):
        says(
            tile.locator("dl > div").filter(has_text=visit.words(f"fleet.{word}")), str(cards[part])
        )
    is_in_the_screen(visit)
    tile.get_by_role("link").click()
    nodes = told.get("fleet/nodes", gpu_product=MODEL)["results"]
    expect(rows(visit)).to_have_count(len(nodes))
    held = 0
    for node in nodes:
        row = rows(visit).filter(has_text=node["name"])
        says(row, visit.words("fleet.states.ready"))
        for ours in (one for one in node["services"] if one["project"] == PROJECT):
            lines = row.get_by_role("listitem").filter(has_text=PROJECT)
            line = lines.filter(has_text=ours["service"])
            expect(line).to_have_count(1)
            # Services without cards are scheduled to any node.
            if count := int(ours["requested"].get(GPU, 0)):
                says(line, visit.words("fleet.gpus", count=count))
            held += count
    assert held == CARDS


def what_runs_where(visit: Visit, told: Api) -> None:
    """Go from a node to a service that is on it, and see on which nodes its pods are."""
    ours = rows(visit).get_by_role("listitem").filter(has_text=PROJECT)
    ours.get_by_role("link", name="vision").first.click()
    expect(visit.heading("vision")).to_be_visible()
    version = visit.words("serving.versionIs", version="2")
    expect(visit.page.get_by_text(version, exact=True)).to_be_visible()
    is_in_the_screen(visit)
    visit.link(visit.words("serving.tabs.pods")).click()
    pods = told.get(f"{SERVICES}/vision/pods")["results"]
    assert len(pods) == CARDS
    expect(rows(visit)).to_have_count(CARDS)
    for pod in pods:
        says(rows(visit).filter(has_text=pod["name"]), pod["node"])
    is_in_the_screen(visit)


def will_it_fit(visit: Visit, told: Api) -> None:
    """Plan for more cards than are granted, and read how many would be."""
    wish = {"replicas": 5, "dry_run": True}
    plan = told.post(f"{SERVICES}/vision/scale", wish, expect=200)
    visit.button("serving.verbs.scale").click()
    visit.fill(ui__replicas="5")
    says(visit.dialog.get_by_role("alert"), plan["fit"]["message"])
    says(visit.dialog, visit.words("serving.plan.quotaRoom.no"))
    highest = visit.words("serving.plan.highest", count=plan["highest_replicas"])
    says(visit.dialog, highest)
    visit.fill(ui__replicas=str(plan["highest_replicas"]))
    says(visit.dialog, visit.words("serving.plan.quotaRoom.yes"))
    close(visit)


def can_it_go_back(visit: Visit) -> None:
    """Read what returning to the last good version would do."""
    button = visit.button("serving.verbs.roll_back")
    within_a_thumb(visit, button)
    button.click()
    before, after = (
        visit.words("serving.versionAndRevision", version=number, revision=number)
        for number in ("2", "1")
    )
    says(visit.dialog, f"{before} → {after}")
    close(visit)


def is_it_healthy(visit: Visit, told: Api) -> None:
    """See on the first page that a service fails, and why at the end of its chain of causes."""
    go_to(visit, "home")
    failing = visit.page.locator("li.is-failing")
    says(failing, visit.words("attention.kinds.failing"))
    is_in_the_screen(visit)
    failing.get_by_role("link", name=f"{PROJECT}/production/broken").click()
    service = told.get(f"{SERVICES}/broken")
    health = visit.page.get_by_text(visit.words(f"ui.healths.{service['health']}"), exact=True)
    expect(health).to_be_visible()
    (container,) = (cause for cause in service["causes"] if cause["kind"] == "Container")
    kind = visit.page.get_by_text("Container", exact=True)
    cause = chain(visit).get_by_role("listitem").filter(has=kind)
    says(cause, visit.words(f"reasons.{container['reason']}"))
    says(cause, visit.words("serving.exitCode", code=container["exit_code"]))
    is_in_the_screen(visit)


def chain(visit: Visit) -> Locator:
    return visit.page.get_by_role("list", name=visit.words("serving.whyTitle"))


def why_did_it_fail(visit: Visit, told: Api, failed: str) -> None:
    """Read in one screen why a rollout failed, and what to do."""
    chain(visit).get_by_role("link", name=failed[:8]).click()
    rollout = told.get(f"rollouts/{failed}")
    alert = visit.page.get_by_role("alert").filter(
        has_text=visit.words(f"reasons.{rollout['reason']}")
    )
    says(alert, rollout["explanation"])
    says(alert, visit.words("serving.outcome.notReturned"))
    what_to_do = visit.words("serving.outcome.toDo", service="broken")
    expect(alert.get_by_role("link", name=what_to_do)).to_be_visible()
    expect(alert).to_be_in_viewport(ratio=1)
    is_in_the_screen(visit)


def what_waits_for_me(visit: Visit, told: Api, waiting: str) -> None:
    """Find the rollout that waits for a person, and read what aborting it would do."""
    go_to(visit, "home")
    needs = visit.page.locator("li.is-waiting")
    needs.get_by_role("link", name=f"{PROJECT}/production/scorer").click()
    explanation = told.get(f"rollouts/{waiting}")["explanation"]
    expect(visit.page.get_by_role("alert").filter(has_text=explanation)).to_be_in_viewport(ratio=1)
    button = visit.button("serving.verbs.abort")
    within_a_thumb(visit, button)
    is_in_the_screen(visit)
    button.click()
    hint = visit.words("serving.abortHint", version="1", revision=1)
    says(visit.dialog, hint)
    close(visit)


def what_of_our_quota(visit: Visit, told: Api, resource: str) -> None:
    """Read quota, requested, used, idle and free, each under its word."""
    panel = visit.page.locator(".slipway-resource-grid > *").filter(
        has=visit.page.get_by_text(name_of(visit, resource), exact=True)
    )
    expect(panel).to_be_visible()
    is_in_the_screen(visit)

    def agreed() -> dict[str, str] | None:
        """Return what the page says once that is what the API says: both are collected anew."""
        said = dict(map(str.splitlines, panel.locator("dl > div").all_inner_texts()))
        return said if said == figures(visit, told, resource) else None

    found = wait_until(agreed, timeout_seconds=MEASURED_SECONDS)
    assert found, (panel.inner_text(), figures(visit, told, resource))


def name_of(visit: Visit, resource: str) -> str:
    return visit.words("ui.cpu") if resource == "cpu" else resource


def figures(visit: Visit, told: Api, resource: str) -> dict[str, str]:
    """Return what a page has to say of a resource; it is not complete before use is measured."""
    (environment,) = told.get(f"projects/{PROJECT}/summary")["environments"]
    (line,) = (one for one in environment["resources"] if one["resource"] == resource)
    shown = ["quota", "reserved", "requested", "used", "idle", "cluster_free"]
    if line["reserved"] == line["requested"]:
        shown.remove("reserved")
    words = {"quota": "limit", "cluster_free": "clusterFree"}
    return {
        visit.words(f"ui.{words.get(name, name)}"): amount(visit, resource, line[name])
        for name in shown
        if line["used"]
    }


def amount(visit: Visit, resource: str, quantity: str) -> str:
    """Write cores or devices as the page does: the smaller, the more digits."""
    number = Decimal(quantity.removesuffix("m"))
    number = number / 1000 if quantity.endswith("m") else number
    digits = 3 if number < Decimal("0.1") else 2 if number < 10 else 1 if number < 100 else 0
    written = f"{number.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP).normalize():f}"
    if resource != "cpu":
        return written
    return f"{written} {visit.words('ui.cores', count=1 if number == 1 else 2)}"


def what_do_we_waste(visit: Visit, told: Api) -> None:
    """See which service idles most, and how much of what it holds."""
    page = visit.page
    page.get_by_role("radiogroup", name=visit.words("usage.rankBy")).get_by_text(
        visit.words("usage.byIdle")
    ).click()

    def agreed() -> bool | None:
        summary = told.get(f"projects/{PROJECT}/summary", rank="idle")
        (service,) = (one for one in summary["services"] if one["service"] == "vision")
        (line,) = (one for one in service["resources"] if one["resource"] == GPU)
        numbers = [amount(visit, GPU, line[name]) for name in ("requested", "used", "idle")]
        row = rows(visit).filter(has=visit.link("vision")).first
        return set(numbers) <= set(row.inner_text().split()) or None

    assert wait_until(agreed, timeout_seconds=MEASURED_SECONDS)
    says(rows(visit).first, "vision")


def what_did_we_change(visit: Visit, told: Api) -> None:
    """Find the newest changes on the project's page, and all of them, with what they changed."""
    newest = told.get("rollouts", project=PROJECT, limit=8)["results"]
    for rollout in newest:
        expect(visit.page.locator(f'#content a[href="/rollouts/{rollout["id"]}"]')).to_be_visible()
    visit.link(visit.words("projects.tabs.audit")).click()
    events = told.get("audit-events", project=PROJECT)["results"]
    expect(rows(visit)).to_have_count(len(events))
    for row, event in zip(rows(visit).all(), events, strict=True):
        says(row, visit.words(f"projects.audit.actions.{event['action']}"))
        says(row, event["object_name"])
        says(row, event["actor"])
    is_in_the_screen(visit)
    rows(visit).filter(has_text=visit.words("projects.audit.actions.quota.update")).click()
    (change,) = (event for event in events if event["action"] == "quota.update")
    cpu = rows(visit).filter(has=visit.page.get_by_text("limits › cpu", exact=True)).last
    for state in (change["before"], change["after"]):
        says(cpu, state["limits"]["cpu"])
    is_in_the_screen(visit)


def says(where: Locator, text: str) -> None:
    """Expect that a text is there to be read, and not only in the page's source."""
    expect(where).to_be_visible()
    expect(where).to_contain_text(text, use_inner_text=True)


def go_to(visit: Visit, section: str) -> None:
    """Take a part of the main menu."""
    menu = visit.page.get_by_role("navigation", name=visit.words("shell.menu"))
    menu.get_by_role("link", name=visit.words(f"shell.{section}"), exact=True).click()
    expect(visit.page.get_by_role("status").first).to_have_text(visit.words("shell.live"))


def open_project(visit: Visit, project: str) -> None:
    """Find a project by its name."""
    go_to(visit, "projects")
    is_in_the_screen(visit)
    visit.field(visit.words("projects.search")).fill(project)
    expect(rows(visit)).to_have_count(1)
    visit.link(project).click()
    expect(visit.heading(project)).to_be_visible()


def close(visit: Visit) -> None:
    """Leave a dialog, which is not wider than the screen, without a change."""
    is_in_the_screen(visit)
    visit.button("ui.cancel", within=visit.dialog).click()
    expect(visit.dialog).to_be_hidden()


def rows(visit: Visit) -> Locator:
    """Return the rows of the tables that are shown; on a phone each is a card."""
    return visit.page.locator("#content tr[data-row-key]")


def is_in_the_screen(visit: Visit) -> None:
    """Expect that nothing of a page that has all of itself is wider than the screen."""
    expect(visit.page.locator(".ant-skeleton, .ant-spin-spinning")).to_have_count(0)
    (width, wide) = visit.page.evaluate("[innerWidth, document.documentElement.scrollWidth]")
    assert wide <= width, visit.page.url


def within_a_thumb(visit: Visit, button: Locator) -> None:
    """Expect that a button is in sight, and on a phone in the lower half of the screen."""
    expect(button).to_be_in_viewport(ratio=1)
    if visit.page.evaluate("innerWidth") == PHONE:
        top, middle = button.evaluate("one => [one.getBoundingClientRect().top, innerHeight / 2]")
        assert top > middle
