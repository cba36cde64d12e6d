"""A small HTTP server that plays an API server's part, as a test writes it."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from clusters.client import ClusterClient
from clusters.kubeconfig import ClusterAccess

# What is said to a request: a status, and lines; a stream is several of them.
Said = tuple[int, list[Any]]


@dataclass
class PlayedApi:
    """Who answers, and what was asked."""

    answer: Callable[[str, dict[str, str]], Said]
    asked: list[dict[str, str]] = field(default_factory=list)
    port: int = 0

    @property
    def client(self) -> ClusterClient:
        return ClusterClient(ClusterAccess(server=f"http://127.0.0.1:{self.port}", token="t"))


@contextmanager
def played(answer: Callable[[str, dict[str, str]], Said]) -> Iterator[PlayedApi]:
    """Answer on loopback for the length of a block."""
    api = PlayedApi(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = dict(parse_qsl(parts.query))
            api.asked.append(query)
            status, lines = api.answer(parts.path, query)
            body = b"\n".join(
                line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines
            )
            self.send_response(status)
            self.send_header("Content-Length", str(len(body) + 1))
            self.end_headers()
            self.wfile.write(body + b"\n")

        do_POST = do_GET

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    api.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield api
    server.shutdown()
    server.server_close()


def pod(name: str, version: int) -> dict[str, Any]:
    """Return a pod as the API has it."""
    metadata = {
        "name": name,
        "namespace": "n",
        "uid": name,
        "resourceVersion": str(version),
        "creationTimestamp": "2026-11-29T00:00:00Z",
    }
    return {"kind": "Pod", "metadata": metadata, "spec": {}, "status": {"phase": "Running"}}


def added(name: str, version: int) -> dict[str, Any]:
    return {"type": "ADDED", "object": pod(name, version)}


def bookmark(version: int) -> dict[str, Any]:
    metadata = {"resourceVersion": str(version)}
    return {"type": "BOOKMARK", "object": {"kind": "Pod", "metadata": metadata}}


def page(*pods: dict[str, Any], version: int, following: str = "") -> dict[str, Any]:
    metadata = {"resourceVersion": str(version), "continue": following}
    return {"kind": "PodList", "metadata": metadata, "items": list(pods)}


def refusal(code: int, message: str, cause: str = "") -> dict[str, Any]:
    details = {"causes": [{"reason": cause}]} if cause else {}
    return {"kind": "Status", "code": code, "message": message, "details": details}
