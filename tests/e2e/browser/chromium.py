"""Debian's Chromium, which talks to nobody by itself."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from tests import debian

PROGRAMS = ("chromium", "google-chrome")
# Without the fonts, Chinese is rows of empty boxes.
PACKAGES = {
    "chromium": "/usr/bin/chromium",
    "fonts-noto-cjk": "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
}
ARGUMENTS = (
    # The sandbox cannot be had by root.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def program() -> str:
    """Return the browser's path; empty when there is none."""
    return next(filter(None, map(shutil.which, PROGRAMS)), "")


def why_not() -> str:
    """Say why no browser can run here; empty when one can."""
    return "" if program() else debian.why_not(PACKAGES)


@contextmanager
def running() -> Iterator[Browser]:
    """Run a browser for the length of a block; where there is none, it is installed before."""
    if not program():
        debian.install(PACKAGES)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=ARGUMENTS)
        with browser:
            yield browser
