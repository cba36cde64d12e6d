"""What holds for the whole tree, whatever is in it."""

import ast
import importlib.util
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_platform_is_no_package_so_that_pythons_own_is_found() -> None:
    assert not (ROOT / "platform" / "__init__.py").exists()
    spec = importlib.util.find_spec("platform")
    assert spec is not None
    assert Path(str(spec.origin)).parent == Path(importlib.util.__file__).parents[1]


def test_every_app_has_its_place_in_the_contracts() -> None:
    """Whether one holds, `make check` says; none of them sees an app that it does not name."""
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    chain, *others = linter["contracts"]
    apps = {path.parent.name for path in (ROOT / "apps").glob("*/__init__.py")}
    placed = {name for layer in chain["layers"] for name in layer.split(" | ")}
    ordered = {name for other in others for name in other.get("containers", ())}
    speaking = next(one for one in others if "protocol" in one["name"])
    assert placed == set(linter["root_packages"]) == apps | {"slipway"}
    assert set(speaking["source_modules"]) == placed
    assert apps <= ordered


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
