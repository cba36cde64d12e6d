"""A visit to the dashboard, which notes whatever the page should not do."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    expect,
)

from tests.e2e.browser.words import Words

# How long anything on a page may take on a busy machine.
PATIENCE_MS = 15_000
# What a page may load from itself.
LOCAL_SCHEMES = {"data", "blob"}
LOCALE = {"en": "en-US", "zh": "zh-CN"}


@dataclass(frozen=True)
class Look:
    """How somebody sees the dashboard."""

    language: str = "en"
    theme: str = "light"
    width: int = 1280
    height: int = 800


@dataclass
class Visit:
    """A page, the words on it, and what went wrong."""

    url: str
    page: Page
    words: Words
    complaints: list[str] = field(default_factory=list)
    # Parts of complaints that a test provokes on purpose.
    expected: set[str] = field(default_factory=set)

    def go(self, path: str) -> None:
        """Open an address of the dashboard."""
        self.page.goto(f"{self.url}{path}")

    @property
    def dialog(self) -> Locator:
        """The dialog that is open."""
        return self.page.get_by_role("dialog")

    def button(self, key: str, *, within: Locator | None = None) -> Locator:
        """Find a button that works by its word."""
        scope = within or self.page.locator("body")
        return scope.get_by_role("button", name=self.words.name(key), exact=True, disabled=False)

    def button_named(self, name: str) -> Locator:
        """Find a button that works by its whole name."""
        return self.page.get_by_role("button", name=name, exact=True, disabled=False)

    def field(self, name: str) -> Locator:
        """Find a field of a form by its name."""
        return self.page.get_by_label(name, exact=True)

    def fill(self, **texts: str) -> None:
        """Fill fields, each named by its word with `__` for the dots."""
        for key, text in texts.items():
            self.field(self.words(key.replace("__", "."))).fill(text)

    def choose(self, name: str, option: str) -> None:
        """Open a list and take an option."""
        self.field(name).press("ArrowDown")
        options = self.page.locator(".ant-select-item-option:visible")
        options.filter(has_text=option).first.click()

    def confirm_delete(self, name: str) -> None:
        """Type the name that an open dialog asks for, before which nothing can be deleted."""
        expect(self.button("ui.delete", within=self.dialog)).to_have_count(0)
        self.field(self.words("ui.typeToConfirm", name=name)).fill(name)
        self.button("ui.delete", within=self.dialog).click()

    def link(self, name: str) -> Locator:
        """Find a link by its name."""
        return self.page.get_by_role("link", name=name, exact=True)

    def heading(self, name: str) -> Locator:
        """Find a heading by its text."""
        return self.page.get_by_role("heading", name=name, exact=True)

    def expect_complaint(self, text: str) -> None:
        """Take what the browser says of a refusal that the test provokes for what it is."""
        self.expected.add(text)

    def watch(self, context: BrowserContext) -> None:
        """Listen to everything that a page should not do."""
        context.on("console", self.hear)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("request", self.see)

    def hear(self, message: ConsoleMessage) -> None:
        """Note an error of the console."""
        if message.type == "error":
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")

    def see(self, request: Request) -> None:
        """Note a request to another host."""
        address = urlsplit(request.url)
        own = urlsplit(self.url).netloc
        if address.scheme not in LOCAL_SCHEMES and address.netloc != own:
            self.complaints.append(f"a request to another host: {request.url}")

    def unexpected(self) -> list[str]:
        """Return the complaints that nobody provoked."""
        return [c for c in self.complaints if not any(text in c for text in self.expected)]


@contextmanager
def visiting(
    browser: Browser, url: str, *, look: Look, cookies: list[dict[str, Any]] | None = None
) -> Iterator[Visit]:
    """Come with a browser that remembers a look and a session; leave without complaints."""
    preferences = json.dumps({"language": look.language, "theme": look.theme})
    storage = [{"name": "slipway.preferences", "value": preferences}]
    context = browser.new_context(
        locale=LOCALE[look.language],
        # A button that moves between press and release was not clicked.
        reduced_motion="reduce",
        viewport={"width": look.width, "height": look.height},
        storage_state={
            "cookies": cookies or [],
            "origins": [{"origin": url, "localStorage": storage}],
        },
    )
    context.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    with context:
        visit = Visit(url, context.new_page(), Words(look.language))
        visit.watch(context)
        yield visit
    complaints = visit.unexpected()
    assert not complaints, complaints


def session_of(url: str, username: str, password: str) -> list[dict[str, Any]]:
    """Sign in as the sign-in page does; return the cookies."""
    base = f"{url}/_allauth/browser/v1"
    with httpx.Client(trust_env=False, timeout=30) as http:
        http.get(f"{base}/config").raise_for_status()
        headers = {"X-CSRFToken": http.cookies["csrftoken"], "Origin": url}
        credentials = {"username": username, "password": password}
        answer = http.post(f"{base}/auth/login", json=credentials, headers=headers)
        answer.raise_for_status()
        return [
            {"name": name, "value": value, "domain": urlsplit(url).hostname, "path": "/"}
            for name, value in http.cookies.items()
        ]
