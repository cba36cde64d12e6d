"""The built dashboard, as it is served."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client


@pytest.fixture
def browser() -> Client:
    """Somebody who has only just come."""
    return Client()


@pytest.mark.parametrize("path", ["/", "/login", "/projects/fraud/services?health=Degraded"])
def test_every_address_is_the_one_page_which_is_never_kept(browser: Client, path: str) -> None:
    page: Any = browser.get(path)
    assert page.status_code == 200
    assert page["Cache-Control"] == "no-cache"
    assert b'<div id="root">' in page.content


def test_scripts_are_kept_for_ever_and_come_compressed(browser: Client) -> None:
    page: Any = browser.get("/")
    scripts = re.findall(r'src="(/assets/[^"]+\.js)"', page.content.decode())
    assert scripts
    for script in scripts:
        answer: Any = browser.get(script, headers={"Accept-Encoding": "br"})
        assert answer.status_code == 200
        assert "immutable" in answer["Cache-Control"]
        assert answer["Content-Encoding"] == "br"


def test_the_page_has_nothing_inline(browser: Client) -> None:
    page: Any = browser.get("/")
    assert not re.findall(r"<script(?![^>]*\bsrc=)|<style|\bon\w+=", page.content.decode())


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/nothing", "/assets/nothing.js"])
def test_what_is_no_page_is_not_found(browser: Client, path: str) -> None:
    answer: Any = browser.get(path)
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


def test_pages_are_read_only(browser: Client) -> None:
    answer: Any = browser.post("/projects", {})
    assert answer.status_code in {403, 405}


def test_a_page_that_was_not_built_says_so(
    browser: Client, settings: LazySettings, tmp_path: Path
) -> None:
    settings.DASHBOARD = tmp_path
    answer: Any = browser.get("/projects")
    assert answer.status_code == 503
    assert b"make demo" in answer.content
