"""What pages and comments name for whoever changes the code is there."""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

from tests.api.test_architecture import top_level_names

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
# A name of a module or a class in backquotes, perhaps behind packages; not the name of a file.
QUALIFIED = re.compile(r"`(?:\w+\.)*?(\w+)\.(?!(?:py|tsx?|json|toml|md)`)(\w+)`")
# What is of that form and not a name of ours: of others, of the dashboard, a permission, a column.
NOT_OURS = {
    "msgspec.convert",
    "preStop.sleep",
    "spec.replicas",
    "api.useQuery",
    "object.verb",
    "rollout.start",
    "service.epoch",
    "example.com",
}
# "`name` in `file.py`", and "`file.py` (`name`".
PLACED = re.compile(r"`(?P<name>\w+)`\s+in\s+`(?P<file>[\w/]+\.py)`")
FOLLOWED = re.compile(r"`(?P<file>[\w/]+\.py)`\s+\(`(?P<name>\w+)`")
SOURCES = [
    path for folder in ("apps", "platform", "tests") for path in (ROOT / folder).rglob("*.py")
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_is_named_is_there(page: Path) -> None:
    """Pages leave out what stands before a path, so its end has to be that of a file.

    What only a run makes (below `.slipway`) is not looked for: a fresh checkout has none of it.
    """
    text = page.read_text()
    missing = [
        name
        for name in NAMED.findall(text)
        if not name.startswith(".slipway/")
        and not (ROOT / name).exists()
        and not any(path.endswith(f"/{name}") for path in KNOWN)
    ]
    missing += [link for link in LINKED.findall(text) if not (page.parent / link).exists()]
    assert missing == []


def defined() -> dict[str, set[str]]:
    """Return what every module, class and package of ours has, by its last name."""
    names: dict[str, set[str]] = defaultdict(set)
    for path in SOURCES:
        tree = ast.parse(path.read_text())
        names[path.stem] |= set(top_level_names(tree))
        names[path.parent.name].add(path.stem)
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                names[node.name] |= set(top_level_names(node))
    return names


def test_every_name_behind_a_module_or_a_class_is_in_it() -> None:
    known, missing = defined(), set()
    for page in [*PAGES, *SOURCES]:
        for owner, name in QUALIFIED.findall(page.read_text()):
            if f"{owner}.{name}" not in NOT_OURS and name not in known[owner]:
                missing.add(f"{page.name}: {owner}.{name}")
    assert missing == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_name_in_a_file_is_in_it(page: Path) -> None:
    text = page.read_text()
    for found in (*PLACED.finditer(text), *FOLLOWED.finditer(text)):
        files = [path for path in SOURCES if f"/{path}".endswith(f"/{found['file']}")]
        assert any(re.search(rf"\b{found['name']}\b", path.read_text()) for path in files), found
