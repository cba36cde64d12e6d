"""The README's main job, typed into a shell as it stands there, twice against one home."""

import re
import subprocess
from pathlib import Path

import pytest

from embedded.demo import Demo
from embedded.home import CHECKOUT

CODE = re.compile(r"```sh\n(.*?)```", re.DOTALL)
# What is refused, on purpose.
REFUSED = ["QuotaExceeded"]


@pytest.fixture(scope="module")
def main_job() -> str:
    """The lines of the section about curl."""
    section = (CHECKOUT / "README.md").read_text().split("### The main job with curl")[1]
    return "\n".join(CODE.findall(section.split("\n## ")[0]))


@pytest.fixture
def checkout(tmp_path: Path, stack: Demo) -> Path:
    """A folder whose home is that of the running stack."""
    (tmp_path / ".slipway").symlink_to(stack.home.folder)
    return tmp_path


@pytest.mark.parametrize("run", ["first", "second"])
def test_the_main_job_runs_as_it_is_written(main_job: str, checkout: Path, run: str) -> None:
    done = subprocess.run(
        ["bash", "-c", main_job], cwd=checkout, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert re.findall(r'"reason": "(\w+)",\n  "errors"', done.stdout) == REFUSED
    assert done.stdout.count('"phase": "Succeeded"') >= 7
    assert "Traceback" not in done.stderr
