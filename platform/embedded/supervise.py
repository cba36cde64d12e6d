"""Supervision by supervisord: restarts what dies, and stops everything together."""

import shutil
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from embedded.process import NotReady, Process, tail, wait_ready

# A unix socket's path has room for about 100 characters.
LONGEST_SOCKET_PATH = 90
STOP_SECONDS = 15
GROUP = "slipway"


class Supervisor:
    """One supervisord, its configuration and its control socket."""

    def __init__(self, folder: Path, logs: Path) -> None:
        self.folder = folder
        self.logs = logs
        self.config = folder / "supervisord.conf"
        self.socket = short_socket(folder)
        self.log = logs / "supervisor.log"

    @property
    def control(self) -> Any:
        """Supervisor's own interface."""
        transport = SupervisorTransport(None, None, f"unix://{self.socket}")
        return ServerProxy("http://127.0.0.1", transport=transport).supervisor

    @property
    def is_running(self) -> bool:
        try:
            self.control.getState()
        except OSError:
            return False
        except Fault:
            # It is shutting down, but still there.
            return True
        return True

    def start(self, processes: Iterable[Process]) -> None:
        """Start supervisord with these programs, none of them running yet."""
        self.config.write_text(self.rendered(processes))
        self.config.chmod(0o600)
        command = [str(Path(sys.executable).parent / "supervisord"), "-c", str(self.config)]
        subprocess.run(command, check=True)
        ends_at = time.monotonic() + 10
        while not self.is_running:
            if time.monotonic() > ends_at:
                raise NotReady(f"supervisord did not start; see {self.log}")
            time.sleep(0.02)

    def launch(self, process: Process) -> None:
        """Start one program, unless it is running."""
        try:
            self.control.startProcess(f"{GROUP}:{process.name}", False)
        except Fault as fault:
            if "ALREADY_STARTED" not in fault.faultString:
                raise

    def run(self, process: Process, *, timeout_seconds: float = 90) -> None:
        """Start one program and wait until it is ready."""
        self.launch(process)
        try:
            wait_ready(process, timeout_seconds=timeout_seconds)
        except NotReady as error:
            end = tail(self.logs / f"{process.name}.log")
            raise NotReady(f"{error}; its log ends with:\n{end}") from error

    def stop(self) -> bool:
        """Stop everything; return whether anything was running."""
        if not self.is_running:
            return False
        # A fault means that it is shutting down already.
        with suppress(Fault):
            self.control.shutdown()
        ends_at = time.monotonic() + STOP_SECONDS + 30
        while self.is_running and time.monotonic() < ends_at:
            time.sleep(0.1)
        shutil.rmtree(self.socket.parent, ignore_errors=True)
        return True

    def rendered(self, processes: Iterable[Process]) -> str:
        """Return the configuration file."""
        head = f"""\
[unix_http_server]
file={self.socket}
chmod=0600
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://{self.socket}
[supervisord]
logfile={escaped(str(self.log))}
logfile_maxbytes=10MB
pidfile={escaped(str(self.folder / "supervisord.pid"))}
nodaemon=false
silent=true
minfds=8192
"""
        known = list(processes)
        # In one group, so that all are stopped at once and not one after the other.
        group = f"[group:{GROUP}]\nprograms={','.join(process.name for process in known)}\n"
        return head + group + "".join(map(self.program, known))

    def program(self, process: Process) -> str:
        """Return one program's section."""
        environment = ",".join(f'{k}="{escaped(v)}"' for k, v in process.environment.items())
        user = f"user={process.user}\n" if process.user else ""
        return f"""\
[program:{process.name}]
command={" ".join(map(quoted, process.argv))}
environment={environment}
autostart=false
autorestart=true
startsecs=1
startretries=100
stopsignal={process.stop_signal.name.removeprefix("SIG")}
stopwaitsecs={STOP_SECONDS}
stopasgroup=true
killasgroup=true
redirect_stderr=true
stdout_logfile={escaped(str(self.logs / process.name))}.log
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=1
{user}"""


def short_socket(folder: Path) -> Path:
    """Return a path for the control socket, in a private folder if the home's is too long."""
    own = folder / "run" / "supervisor.sock"
    if len(str(own)) > LONGEST_SOCKET_PATH:
        name = f"slipway-{zlib.crc32(str(folder).encode()):08x}"
        own = Path(tempfile.gettempdir()) / name / "supervisor.sock"
    own.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return own


def escaped(text: str) -> str:
    """Escape what supervisord would expand."""
    return text.replace("%", "%%")


def quoted(word: str) -> str:
    """Quote a word of a command; supervisord splits it as a shell would."""
    plain = escaped(word).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{plain}"' if not plain.isalnum() else plain
