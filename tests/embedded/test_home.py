"""What the embedded stack remembers, and what keys its tools."""

import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from embedded import tools
from embedded.demo import Demo
from embedded.home import CHECKOUT, Home
from embedded.nodes import SHAPES, manifests
from embedded.ports import Ports
from embedded.tools import Tools


def test_a_second_start_takes_the_same_ports(tmp_path: Path) -> None:
    file = tmp_path / "ports.json"
    assert Ports(file).take("web") == Ports(file).take("web")


def test_a_busy_port_is_avoided(tmp_path: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        taken = busy.getsockname()[1]
        assert Ports(tmp_path / "ports.json").take("web", preferred=taken) != taken


def test_what_opens_the_demo_is_private_and_kept(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write_demo(password="x", url="u")
    home.write_demo(url="v")
    assert home.demo() == {"password": "x", "url": "v"}
    assert stat.S_IMODE(home.demo_file.stat().st_mode) == 0o600
    assert home.secrets() == Home(tmp_path).secrets()


def test_the_home_can_be_moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLIPWAY_HOME", str(tmp_path / "elsewhere"))
    assert Home().folder == tmp_path / "elsewhere"


def test_what_is_brought_is_not_run_and_nothing_else_is_brought(
    tmp_path: Path, tools: Tools
) -> None:
    brought = {"KUBECONFIG": str(tmp_path / "config"), "REDIS_URL": ""}
    replaced = Demo(Home(tmp_path / "replaced"), tools, brought)
    assert {"apiserver", "etcd", "nodes"}.isdisjoint(replaced.parts)
    assert {"postgres", "redis"} <= set(replaced.parts)
    # This run's own DATABASE_URL and REDIS_URL are none of its business.
    alone = Demo(Home(tmp_path / "alone"), tools)
    assert {"postgres", "redis", "apiserver"} <= set(alone.parts)


def test_other_modules_are_another_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tools.key()
    for name in ("go.mod", "go.sum"):
        (tmp_path / name).write_text((tools.GO_MODULE / name).read_text() + "// changed\n")
    monkeypatch.setattr(tools, "GO_MODULE", tmp_path)
    assert tools.key() != before


def test_the_fleet_has_three_kinds_of_gpu_and_a_pool_without() -> None:
    nodes = list(manifests())
    products = {n["metadata"]["labels"].get("nvidia.com/gpu.product") for n in nodes}
    assert len(nodes) == sum(shape.count for shape in SHAPES) == 12
    assert products == {"Tesla-T4", "NVIDIA-A10", "Tesla-V100-SXM2-32GB", None}


def test_the_demo_starts_without_what_only_its_parts_import() -> None:
    """A start is mostly imports."""
    heavy = {"django", "httpx", "psycopg", "redis", "valkey"}
    script = f"import sys, embedded.__main__; print(*sorted({heavy} & set(sys.modules)))"
    paths = {"PYTHONPATH": str(CHECKOUT / "platform")}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=paths, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
