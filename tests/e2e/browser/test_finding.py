"""What has a name is found by the keyboard alone, and a list comes back by its address."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, expect

from embedded.demo import Demo
from tests.e2e.api import Api
from tests.e2e.browser.conftest import Arrive, fresh
from tests.e2e.browser.pages import furnish
from tests.e2e.browser.visit import Visit

PROJECT = fresh("finding")
ENVIRONMENT = f"projects/{PROJECT}/environments/production"
SERVICES = (f"needle-{PROJECT}", f"haystack-{PROJECT}")


@pytest.fixture(scope="module")
def api(stack: Demo) -> Api:
    """A project with two services, each of which was started once, and one scaled."""
    api = Api(stack)
    furnish(api, PROJECT, *SERVICES, dana="deployer")
    scale = f"{ENVIRONMENT}/services/{SERVICES[-1]}/scale"
    api.wait(api.post(scale, {"replicas": 2}, expect=202))
    return api


def test_a_service_is_found_by_a_part_of_its_name_with_the_keyboard(
    arrive: Arrive, api: Api
) -> None:
    visit = arrive("dana")
    visit.go("/")
    expect(visit.heading(visit.words("shell.home"))).to_be_visible()
    visit.page.keyboard.press("Control+k")
    field = visit.page.get_by_role("combobox", name=visit.words("shell.find"))
    expect(field).to_be_focused()
    visit.page.keyboard.type(f"eedle-{PROJECT}")
    # Before the answer is there: it is waited for.
    visit.page.keyboard.press("Enter")
    place = f"{visit.url}/{ENVIRONMENT}/services/needle-{PROJECT}"
    expect(visit.page).to_have_url(place)
    expect(visit.dialog).to_have_count(0)
    overview = visit.words("serving.tabs.overview")
    title = f"needle-{PROJECT} · {PROJECT}/production · {overview} · Slipway"
    expect(visit.page).to_have_title(title)
    # Where somebody was is offered again, and arrows choose.
    visit.page.keyboard.press("g")
    visit.page.keyboard.press("p")
    expect(visit.page).to_have_url(f"{visit.url}/projects")
    filter_ = visit.page.locator("input[data-filter]")
    expect(filter_).to_be_visible()
    visit.page.keyboard.press("/")
    expect(filter_).to_be_focused()
    # In a field, keys are letters.
    visit.page.keyboard.type("g?")
    expect(filter_).to_have_value("g?")
    visit.page.keyboard.press("Control+k")
    recents = visit.page.get_by_role("group", name=visit.words("shell.recents"))
    expect(recents.get_by_role("option").first).to_contain_text(f"needle-{PROJECT}")
    visit.page.keyboard.press("ArrowDown")
    visit.page.keyboard.press("ArrowUp")
    visit.page.keyboard.press("Enter")
    expect(visit.page).to_have_url(place)


def test_the_keys_are_listed_and_can_be_turned_off(arrive: Arrive, api: Api) -> None:
    visit = arrive("dana")
    visit.go("/projects")
    expect(visit.heading(visit.words("projects.title"))).to_be_visible()
    visit.page.keyboard.press("?")
    expect(visit.dialog).to_contain_text(visit.words("shell.focusFilter"))
    visit.page.get_by_role("switch", name=visit.words("shell.singleKeys")).click()
    visit.page.keyboard.press("Escape")
    expect(visit.dialog).to_have_count(0)
    visit.page.keyboard.press("?")
    visit.page.keyboard.press("Control+k")
    expect(visit.page.get_by_role("combobox", name=visit.words("shell.find"))).to_be_visible()
    expect(visit.dialog).to_have_count(1)


def filters_in(address: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(address).query)


def first_row(visit: Visit) -> Locator:
    return visit.page.locator("#content tbody tr[data-row-key]").first


def test_rollouts_that_are_filtered_and_ordered_come_back_by_their_address(
    arrive: Arrive, api: Api
) -> None:
    visit = arrive("dana")
    visit.go(f"/projects/{PROJECT}/rollouts")
    change = visit.page.get_by_role("columnheader", name=visit.words("serving.change"))
    rows = visit.page.locator("#content tbody tr[data-row-key]")
    expect(rows).to_have_count(3)
    change.get_by_role("button").click()
    expect(change).to_have_attribute("aria-sort", "ascending")
    expect(first_row(visit)).to_contain_text(visit.words("ui.kinds.deploy"))
    change.get_by_role("button").click()
    expect(change).to_have_attribute("aria-sort", "descending")
    expect(first_row(visit)).to_contain_text(visit.words("ui.kinds.scale"))
    visit.choose(visit.words("serving.anyKind"), visit.words("ui.kinds.deploy"))
    expect(rows).to_have_count(2)
    expect(visit.page).to_have_url(re.compile(r"ordering=-kind.*kind=deploy|kind=deploy.*-kind"))
    visit.field(visit.words("ui.service")).fill(f"needle-{PROJECT}")
    expect(rows).to_have_count(1)
    # A view keeps all of it, and so does the address.
    visit.button("ui.views").click()
    visit.field(visit.words("ui.saveView")).fill("mine")
    visit.button("ui.save", within=visit.dialog).click()
    expect(visit.dialog).to_have_count(0)
    address = visit.page.url
    visit.go("/")
    expect(visit.heading(visit.words("shell.home"))).to_be_visible()
    visit.go(address.removeprefix(visit.url))
    expect(rows).to_have_count(1)
    expect(change).to_have_attribute("aria-sort", "descending")
    visit.go("/")
    expect(visit.heading(visit.words("shell.home"))).to_be_visible()
    visit.page.keyboard.press("Control+k")
    expect(visit.page.get_by_role("combobox", name=visit.words("shell.find"))).to_be_focused()
    visit.page.keyboard.type("mine")
    visit.page.keyboard.press("Enter")
    expect(visit.page).to_have_url(re.compile(r"/rollouts\?"))
    expect(rows).to_have_count(1)
    assert filters_in(visit.page.url) == filters_in(address)
