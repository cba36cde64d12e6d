"""What holds for the whole tree, whatever is in it."""

import ast
import importlib.util
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_platform_is_no_package_so_that_pythons_own_is_found() -> None:
    assert not (ROOT / "platform" / "__init__.py").exists()
    spec = importlib.util.find_spec("platform")
    assert spec is not None
    assert Path(str(spec.origin)).parent == Path(importlib.util.__file__).parents[1]


def test_only_the_boundaries_speak_foreign_protocols() -> None:
    """A library that leaves the process belongs to the one module that maps its errors."""
    owners = {
        "kubernetes": {"clusters/client.py"},
        "urllib3": {
            "clusters/client.py",
            "core/destinations.py",
            "core/transport.py",
            "prometheus/client.py",
        },
        "prometheus_api_client": {"prometheus/client.py"},
        "httpx": {"clusters/following.py", "core/transport.py", "registry/images.py"},
        "subprocess": set(),
    }
    for library, own in owners.items():
        assert importers_of(library) == own


def importers_of(library: str) -> set[str]:
    """Return the modules of the apps that import a library."""
    apps = ROOT / "apps"
    starts = (f"import {library}", f"from {library}")
    return {
        str(path.relative_to(apps))
        for path in apps.rglob("*.py")
        if any(
            line.strip().startswith(starts) and line.split()[1].split(".")[0] == library
            for line in path.read_text().splitlines()
        )
    }


def test_no_row_is_locked_and_joined_in_one_statement() -> None:
    """It would come as it is after the wait, what it is joined with as it was before."""
    for path in (ROOT / "apps").rglob("*.py"):
        if path.name == "database.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                assert not {"select_for_update", "select_related"} <= called_in(node), path


def called_in(call: ast.Call) -> set[str]:
    """Return the methods of a chain of calls."""
    names: set[str] = set()
    node: ast.expr = call
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        names.add(node.func.attr)
        node = node.func.value
    return names
