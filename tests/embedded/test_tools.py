"""Which Go builds the cluster's tools."""

import shutil
import subprocess
from pathlib import Path

import pytest

from embedded import tools
from embedded.tools import OLDEST_GO, go_program, go_version


def test_a_go_on_path_that_is_new_enough_is_taken_and_nothing_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tools, "wheel_go", lambda: pytest.fail("the wheel was fetched"))
    monkeypatch.setenv("PATH", str(pretend(tmp_path, "go1.99.1").parent))
    assert go_program() == str(tmp_path / "go")


@pytest.mark.parametrize("old", ["go1.21.3", "", None])
def test_without_one_the_wheel_has_a_go_that_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str | None
) -> None:
    if old is not None:
        pretend(tmp_path, old)
    monkeypatch.setenv("PATH", str(tmp_path))
    program = go_program()
    assert Path(program).is_relative_to(tools.cache_folder())
    assert go_version(program) >= OLDEST_GO
    monkeypatch.setenv("GOTOOLCHAIN", "local")
    listed = subprocess.run([program, "list", "std"], capture_output=True, text=True, check=True)
    assert "net/http" in listed.stdout.split()


def pretend(folder: Path, version: str) -> Path:
    """Make a program that says it is this Go."""
    program = folder / "go"
    program.write_text(f"#!{shutil.which('sh')}\necho '{version}'\n")
    program.chmod(0o755)
    return program
