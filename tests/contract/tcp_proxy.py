"""A TCP proxy that can be told to misbehave."""

import socket
import threading
from contextlib import suppress


class TcpProxy:
    """Passes connections on; `cut` ends them, `hold` leaves them open and silent, `refuse` is off.

    `slow` passes on a few bytes at a time, and `pass_all` is the end of that and of `hold`.

    The port stays ours while nobody listens on it.
    """

    def __init__(self, target_port: int) -> None:
        self.target = ("127.0.0.1", target_port)
        self.is_passing = threading.Event()
        self.hurry = threading.Event()
        self.pass_all()
        self.open: list[socket.socket] = []
        self.place = socket.socket()
        self.place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.place.bind(("127.0.0.1", 0))
        self.port: int = self.place.getsockname()[1]
        self.listen()

    def listen(self) -> None:
        """Take connections, on the same port as ever."""
        self.server = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self.accept, args=(self.server,), daemon=True).start()

    def accept(self, server: socket.socket) -> None:
        """Join every new connection with one of its own to the target."""
        while True:
            try:
                near, _ = server.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(self.target)
            except OSError:
                # Whoever is behind us is away, and may return.
                near.close()
                continue
            self.open += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self.pass_on, args=(source, sink), daemon=True).start()

    def pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        """Copy bytes while passing; what arrives while holding waits."""
        with suppress(OSError):
            while data := source.recv(self.piece_bytes):
                self.is_passing.wait()
                self.hurry.wait(self.pause_seconds)
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """End all connections; new ones are welcome."""
        for end in self.open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self.open.clear()

    def hold(self) -> None:
        """Go silent without a word, as a network does."""
        self.is_passing.clear()

    def slow(self, *, piece_bytes: int, pause_seconds: float) -> None:
        """Pass on in pieces, each after a pause."""
        self.piece_bytes, self.pause_seconds = piece_bytes, pause_seconds
        self.hurry.clear()

    def pass_all(self) -> None:
        """Pass on what comes, at once."""
        self.piece_bytes, self.pause_seconds = 65_536, 0.0
        self.hurry.set()
        self.is_passing.set()

    def refuse(self) -> None:
        """End everything and take nothing new, as a machine that is off; `listen` is its return."""
        # Closing alone would leave the port listening until the thread's accept returns.
        with suppress(OSError):
            self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        self.cut()

    def close(self) -> None:
        """End everything."""
        self.pass_all()
        self.refuse()
        self.place.close()
