"""Names what could not run on this machine, and why, on the last line of a test run."""

from collections import Counter

import pytest


def pytest_unconfigure(config: pytest.Config) -> None:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", ()) if reporter else ()
    reasons = Counter(reason_of(report) for report in skipped)
    if reasons:
        named = "; ".join(f"{count} tests, {reason}" for reason, count in reasons.items())
        reporter.write_line(f"Could not run here: {named}")


def reason_of(report: pytest.TestReport) -> str:
    """Return why a test was skipped, in its own words."""
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")
    return str(report.longrepr)
