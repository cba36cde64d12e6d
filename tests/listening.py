"""A port that misbehaves as machines do."""

import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

BETWEEN_PIECES_SECONDS = 0.1


@dataclass
class Listener:
    """Where it listens, and whom it heard."""

    port: int
    heard: list[bytes] = field(default_factory=list)
    taken: list[socket.socket] = field(default_factory=list)


@contextmanager
def listening(
    answer: bytes | Iterable[bytes] | None, *, is_late: bool = False
) -> Iterator[Listener]:
    """Take connections and say one thing, or never anything; what is in pieces comes slowly.

    Whoever is late hangs up only when it is asked something else.
    """
    pieces = [answer] if isinstance(answer, bytes) else answer
    is_over = threading.Event()

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = server.accept()
                listener.taken.append(connection)
                if pieces is not None:
                    threading.Thread(target=reply, args=(connection,), daemon=True).start()

    def reply(connection: socket.socket) -> None:
        with suppress(OSError), connection:
            listener.heard.append(connection.recv(65_536))
            for piece in pieces or ():
                connection.sendall(piece)
                if pieces is answer and is_over.wait(BETWEEN_PIECES_SECONDS):
                    return
            if is_late:
                connection.recv(65_536)

    with socket.create_server(("127.0.0.1", 0)) as server:
        listener = Listener(server.getsockname()[1])
        threading.Thread(target=serve, daemon=True).start()
        yield listener
        is_over.set()
        server.shutdown(socket.SHUT_RDWR)
        for connection in listener.taken:
            connection.close()
