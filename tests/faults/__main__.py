"""`python -m tests.faults FOLDER`: judge again what a run has left there."""

import sys
from pathlib import Path

from tests.faults.evidence import Evidence
from tests.faults.invariants import judge
from tests.faults.report import figures, verdict

if __name__ == "__main__":
    evidence = Evidence.read(Path(sys.argv[1]))
    violations = judge(evidence)
    print("\n".join([*figures(evidence), *verdict(violations)]))  # noqa: T201
    sys.exit(bool(violations))
