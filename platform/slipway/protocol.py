"""HTTP as our web processes read it: uvicorn's protocol, bounded.

Its parser accepts headers, trailers and chunk headers of any size, and uvicorn passes a request on
before it knows that what follows is not a valid request.
"""

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LARGEST_HEAD_BYTES = 65_536
# For a head to be complete, counted from the connection or from its first byte.
SLOWEST_HEAD_SECONDS = 30.0
TOO_LARGE = b"The headers are larger than this server accepts."


class HeadTooLarge(Exception):
    """Ends the parsing of a request that is refused."""


class BoundedProtocol(HttpToolsProtocol):
    """Refuses a request in which anything but the body is too large, or that is malformed."""

    # The bytes of the message now arriving that are not its body.
    head_bytes = 0

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # Data that follows a request which was to be the last on its connection is an error.
        self.parser.set_dangerous_leniencies(lenient_data_after_close=False)

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.await_head()

    def connection_lost(self, error: Exception | None) -> None:
        self.head_is_late.cancel()
        super().connection_lost(error)

    def await_head(self) -> None:
        """Close the connection unless a whole head arrives in time."""
        self.head_is_late = self.loop.call_later(SLOWEST_HEAD_SECONDS, self.transport.close)

    def on_message_begin(self) -> None:
        self.head_is_late.cancel()
        self.await_head()
        super().on_message_begin()

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        self.head_bytes += len(data)
        super().data_received(data)
        if self.head_bytes > LARGEST_HEAD_BYTES and not self.transport.is_closing():
            self.refuse_head()

    def on_headers_complete(self) -> None:
        self.head_is_late.cancel()
        # A head that came whole, with more data behind it, was never counted.
        fields = sum(len(name) + len(value) for name, value in self.headers)
        if len(self.url) + fields > LARGEST_HEAD_BYTES:
            self.refuse_head()
            raise HeadTooLarge
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self.head_bytes -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self.head_bytes = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        if not self.transport.is_closing():
            self.let_go()
            super().send_400_response(msg)

    def refuse_head(self) -> None:
        """Say that the head is too large, and read no more."""
        self.let_go()
        head = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\n"
        about = b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n\r\n"
        self.transport.write(head + about % len(TOO_LARGE) + TOO_LARGE)
        self.transport.close()

    def let_go(self) -> None:
        """Let a request that is still being handled know that no more of it will come."""
        if self.cycle and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
