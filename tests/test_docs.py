"""The pages for whoever changes the code name files that there are."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
KNOWN = [
    f"/{path.relative_to(ROOT)}"
    for folder in ("apps", "deploy", "docs", "frontend/src", "locale", "platform", "tests")
    for path in (ROOT / folder).rglob("*.*")
]
# A path in backquotes that ends in a file's name, perhaps with a function behind it.
NAMED = re.compile(r"`([\w./-]+\.(?:py|pyi|ts|tsx|json|ya?ml|md|po))(?:::\w+)?`")
LINKED = re.compile(r"\]\(([^):#]+)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_is_named_is_there(page: Path) -> None:
    """Pages leave out what stands before a path, so its end has to be that of a file."""
    text = page.read_text()
    missing = [
        name
        for name in NAMED.findall(text)
        if not (ROOT / name).exists() and not any(path.endswith(f"/{name}") for path in KNOWN)
    ]
    missing += [link for link in LINKED.findall(text) if not (page.parent / link).exists()]
    assert missing == []
