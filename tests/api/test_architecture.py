"""What holds for the whole tree, whatever is in it."""

import ast
import importlib.util
import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Bounds, paces and the like: of their module, whatever it is about.
OWN = re.compile(
    r"log|urlpatterns|app_name|T|(LONGEST|SHORTEST|MOST)(_.*)?|.*_(SECONDS|LENGTH|AT_ONCE)"
)
# What has a twin elsewhere that means the same: a protocol that two apps follow, a task and what
# it does, a table of one kind.
TWINS = {
    *(
        "claim",
        "renew",
        "check_claimed",
        "still_claimed",
        "outcome_of",
        "judged",
        "unchanged",
        "commit",
    ),
    *("Finding", "record_finding", "record_drift", "on_cluster_error", "ANNOUNCED"),
    *("on_history_went_back", "on_objects_observed", "reconcile_environment", "reconcile_rollout"),
    *("collect_cluster", "remove_old_windows", "end_temporary_scale", "reencrypt", "place_of"),
    *("MEANINGS", "foreign_errors", "sentence_of", "metadata"),
}


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


def test_every_module_that_says_it_is_pure_is_held_to_it() -> None:
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    rules = next(one for one in linter["contracts"] if "pure" in one["name"])["source_modules"]
    for path in (ROOT / "apps").rglob("*.py"):
        name = ".".join(path.relative_to(ROOT / "apps").with_suffix("").parts)
        said = ast.get_docstring(ast.parse(path.read_text())) or ""
        assert not re.search(r"\bPure[.:]", said) or any(
            f"{name}.".startswith(f"{rule}.") for rule in rules
        ), name


def test_no_name_has_two_meanings() -> None:
    """Whoever reads one of two has the other in mind."""
    homes: dict[str, set[Path]] = defaultdict(set)
    for path in (ROOT / "apps").rglob("*.py"):
        if not {"migrations", "management"} & set(path.parts):
            for name in top_level_names(ast.parse(path.read_text())):
                homes[name].add(path.relative_to(ROOT / "apps"))
    twins = {name: sorted(map(str, paths)) for name, paths in homes.items() if len(paths) > 1}
    unknown = {name: at for name, at in twins.items() if not OWN.fullmatch(name)}
    assert {name: at for name, at in unknown.items() if name not in TWINS} == {}
    assert unknown.keys() >= TWINS


def top_level_names(module: ast.Module | ast.ClassDef) -> Iterator[str]:
    """Yield what a module, or a class, defines."""
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name))


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


def test_a_process_that_serves_no_page_imports_nothing_of_pages() -> None:
    """They cost an informer 10 MB and a third of its start."""
    script = (
        "import sys, django; django.setup(); import clusters.informer; "
        "print({'rest_framework.views', 'django.contrib.admin'} & set(sys.modules))"
    )
    paths = {"PYTHONPATH": f"{ROOT / 'apps'}:{ROOT / 'platform'}"}
    environment = {"DJANGO_SETTINGS_MODULE": "slipway.settings", "SLIPWAY_ENV": "test", **paths}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
