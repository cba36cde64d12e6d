"""Whatever is done to the parts, what was acknowledged is done, once, and told as it is."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from embedded.home import CHECKOUT, Home
from embedded.tools import Tools
from tests.faults import campaign
from tests.faults.evidence import AUDIT_LOG, ENDING, JOURNAL, Evidence
from tests.faults.faults import FAULTS
from tests.faults.invariants import judge
from tests.faults.report import figures, verdict
from tests.faults.rig import Rig

# What every run of the suite tries; `make test-faults` has all of them.
USUAL = "freeze-worker kill-web kill-postgres kill-apiserver"
KEPT = CHECKOUT / ".slipway" / "faults"


@pytest.fixture
def rig(tools: Tools, folder: Path) -> Iterator[Rig]:
    """All of Slipway in a home of its own."""
    rig = Rig(Home(folder / "faults"), tools)
    try:
        rig.bring_up()
        yield rig
    finally:
        rig.close()


@pytest.mark.timeout(int(os.environ.get("FAULTS_TIMEOUT", "900")))
def test_the_invariants_hold_whatever_is_done_to_the_parts(rig: Rig) -> None:
    names = os.environ.get("FAULTS", USUAL).replace(",", " ").split()
    names = list(FAULTS) if names == ["all"] else names
    seed = int(os.environ.get("FAULTS_SEED", "10"))
    seconds = float(os.environ.get("FAULTS_SECONDS", "0"))
    print(f"\nseed {seed}, faults: {' '.join(names)}", flush=True)  # noqa: T201
    try:
        campaign.run(rig, names, seconds=seconds, seed=seed)
    finally:
        keep(rig.home.folder)
    evidence = Evidence.read(rig.home.folder)
    violations = judge(evidence)
    print("\n".join([*figures(evidence), *verdict(violations)]), flush=True)  # noqa: T201
    assert not violations


def keep(folder: Path) -> None:
    """Keep what the witnesses wrote, to be judged again: `python -m tests.faults FOLDER`."""
    shutil.rmtree(KEPT, ignore_errors=True)
    KEPT.mkdir(parents=True)
    for name in (JOURNAL, AUDIT_LOG, ENDING):
        if (folder / name).exists():
            shutil.copy(folder / name, KEPT)
    shutil.copytree(folder / "logs", KEPT / "logs")
