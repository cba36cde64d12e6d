"""API servers that have logs and nothing else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit


@contextmanager
def api_server(log: bytes, status: int = 200) -> Iterator[tuple[str, list[Any]]]:
    """Serve one log to whoever asks, nothing else, and note the questions."""
    with api_server_of(lambda _: (status, log)) as served:
        yield served


@contextmanager
def api_server_of(
    log_of: Callable[[str], tuple[int, bytes]], *, others: int = 404
) -> Iterator[tuple[str, list[Any]]]:
    """Serve the log of each pod, answer everything else alike, and note the questions."""
    asked: list[Any] = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            where = urlsplit(self.path)
            is_log = where.path.endswith("/log")
            if is_log:
                asked.append((where.path, parse_qs(where.query)))
            self.answer(*(log_of(where.path.split("/")[-2]) if is_log else (others, b"{}")))

        def answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()
    thread.join()
