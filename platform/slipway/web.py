"""A web process: the application as we serve it, from the image and from a checkout alike.

Several may share a port: the kernel gives each connection to one of them, and what one of them
does in Python holds up none that another has. Each counts its own requests, so each of several has
a second port where its metrics are asked for.
"""

import argparse
import socket

import uvicorn

# Connections that may wait to be accepted.
BACKLOG = 2_048


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--host", default="127.0.0.1")
    arguments.add_argument("--port", type=int, default=8000)
    arguments.add_argument("--metrics-port", type=int, help="its own, beside one that is shared")
    given = arguments.parse_args()
    is_one_of_several = given.metrics_port is not None
    config = uvicorn.Config(
        "slipway.asgi:application",
        http="slipway.protocol:BoundedProtocol",
        ws="none",
        access_log=False,
        proxy_headers=False,
        # Streams stay open for ever; a stop does not wait for them.
        timeout_graceful_shutdown=5,
    )
    # Whoever listens gets connections, so everything else comes first.
    config.load()
    sockets = [listening(given.host, given.metrics_port)] if is_one_of_several else []
    sockets.append(listening(given.host, given.port, is_shared=is_one_of_several))
    uvicorn.Server(config).run(sockets=sockets)


def listening(host: str, port: int, *, is_shared: bool = False) -> socket.socket:
    """Listen on a port, alone or beside others that share it; those of other users cannot."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG, reuse_port=is_shared)


if __name__ == "__main__":
    main()
