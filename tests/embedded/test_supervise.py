"""Supervision: a dead child is reported and restarted, and a stop ends all of them."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.waiting import wait_until
from embedded.ports import answers, free_port
from embedded.process import NotReady, Process
from embedded.supervise import LONGEST_SOCKET_PATH, Supervisor, short_socket


def web_server(port: int) -> Process:
    argv = (sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port))
    return Process("files", argv, lambda: answers(port))


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    (tmp_path / "logs").mkdir()
    supervisor = Supervisor(tmp_path, tmp_path / "logs")
    yield supervisor
    supervisor.stop()


def test_a_dead_child_is_reported_and_restarted(supervisor: Supervisor) -> None:
    process = web_server(free_port(()))
    supervisor.start([process])
    supervisor.run(process)
    first = supervisor.control.getProcessInfo("slipway:files")["pid"]
    os.kill(first, signal.SIGKILL)

    def successor() -> int | None:
        pid: int = supervisor.control.getProcessInfo("slipway:files")["pid"]
        return pid if pid not in (0, first) and process.is_ready() else None

    assert wait_until(successor, timeout_seconds=15)
    assert "exited: files (terminated by SIGKILL; not expected)" in supervisor.log.read_text()


def test_a_stop_ends_every_child(supervisor: Supervisor) -> None:
    process = web_server(free_port(()))
    supervisor.start([process])
    supervisor.run(process)
    assert supervisor.stop()
    assert not process.is_ready()
    assert not supervisor.is_running
    assert not supervisor.stop()


def test_a_child_that_does_not_come_up_is_explained_by_its_log(supervisor: Supervisor) -> None:
    argv = (sys.executable, "-c", "raise SystemExit('no such port')")
    process = Process("broken", argv, lambda: False)
    supervisor.start([process])
    with pytest.raises(NotReady, match="no such port"):
        supervisor.run(process, timeout_seconds=2)


def test_the_control_socket_fits_into_a_path_however_deep_the_home(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["long-folder-name"] * 8)
    assert len(str(short_socket(deep))) <= LONGEST_SOCKET_PATH
    assert short_socket(deep) != short_socket(deep / "other")
