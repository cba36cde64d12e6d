"""Debian's packages: what is missing is installed where we are root."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

# What a package is needed for: the file that tells whether it is there.
Packages = Mapping[str, str]


def why_not(packages: Packages) -> str:
    """Say why what is missing cannot be installed; empty when nothing is, or it can."""
    if not (absent := missing(packages)):
        return ""
    if shutil.which("apt-get") is None:
        return f"{', '.join(absent)} are missing and this is no Debian to install them"
    return "" if os.geteuid() == 0 else f"installing {', '.join(absent)} needs root"


def missing(packages: Packages) -> list[str]:
    """Name the packages that are not installed."""
    return [package for package, file in packages.items() if not Path(file).exists()]


def install(packages: Packages) -> None:
    """Install what is missing."""
    if not (absent := missing(packages)):
        return
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "-qq", "update"], check=True, env=quiet)
    command = ["apt-get", "-qq", "install", "--no-install-recommends", "--yes", *absent]
    subprocess.run(command, check=True, env=quiet, stdout=subprocess.DEVNULL)
