"""`make pages`: every page can be read by everybody: by axe in both themes, and on a phone."""

import json
from typing import Any

import pytest
from playwright.sync_api import expect

from embedded.demo import Demo
from embedded.home import CHECKOUT
from tests.e2e.api import Api
from tests.e2e.browser.conftest import Arrive, fresh
from tests.e2e.browser.pages import PAGES, furnish
from tests.e2e.browser.visit import Visit

AXE = CHECKOUT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = {"serious", "critical"}
PHONE_WIDTHS = (360, 414)


@pytest.fixture(scope="module")
def names(stack: Demo) -> dict[str, str]:
    return furnish(Api(stack), fresh("seen"))


@pytest.fixture
def language() -> str:
    """The language with the longer words; names and colours are the same in both."""
    return "en"


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_grave_and_a_phone_is_wide_enough(
    arrive: Arrive, names: dict[str, str], path: str
) -> None:
    visit = arrive("admin")
    for theme in ("light", "dark"):
        prefer(visit, theme)
        visit.go(path.format(**names))
        expect(visit.page.get_by_role("status").first).to_have_text(visit.words("shell.live"))
        expect(visit.page.locator(".ant-skeleton, .ant-spin-spinning")).to_have_count(0)
        assert grave_faults(visit) == [], theme
    assert visit.page.locator("h1").count() == 1
    for width in PHONE_WIDTHS:
        visit.page.set_viewport_size({"width": width, "height": 800})
        wide = visit.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, widest(visit, width)


def prefer(visit: Visit, theme: str) -> None:
    kept = json.dumps({"language": visit.words.language, "theme": theme})
    visit.page.add_init_script(f"localStorage.setItem('slipway.preferences', {json.dumps(kept)})")


def grave_faults(visit: Visit) -> list[Any]:
    """Return what axe finds, as its name and where."""
    visit.page.evaluate(AXE.read_text())
    found: Any = visit.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        (fault["id"], node["html"][:200], node["failureSummary"][:200])
        for fault in found["violations"]
        if fault["impact"] in GRAVE
        for node in fault["nodes"][:3]
    ]


def widest(visit: Visit, width: int) -> Any:
    """Name what stands out to the right."""
    return visit.page.evaluate(
        """width => [...document.querySelectorAll('body *')]
            .filter(one => one.getBoundingClientRect().right > width + 1)
            .map(one => one.tagName + '.' + one.className).slice(0, 8)""",
        width,
    )
