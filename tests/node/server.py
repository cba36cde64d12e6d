"""The program in the image: loads trained weights, answers predictions, stops politely."""

import json
import math
import signal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

MODEL = json.loads(Path("/model/model.json").read_text())


def predict(features: list[float]) -> float:
    """Return the probability that a transaction is fraud."""
    terms = zip(MODEL["weights"], features, strict=True)
    score = MODEL["bias"] + sum(weight * value for weight, value in terms)
    return 1 / (1 + math.exp(-score))


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.answer(200 if self.path == "/healthz" else 404, {"version": MODEL["version"]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        probabilities = [predict(features) for features in body["instances"]]
        self.answer(200, {"version": MODEL["version"], "predictions": probabilities})

    def answer(self, status: int, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    # Closing waits for the requests that are being answered.
    daemon_threads = False
    request_queue_size = 128


def main() -> None:
    with Server(("", 8080), Handler) as server:
        signal.signal(signal.SIGTERM, lambda *_: Thread(target=server.shutdown).start())
        server.serve_forever(poll_interval=0.1)


if __name__ == "__main__":
    main()
