"""Server-Sent Events: tells pages what changed, so that they fetch it again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from accounts.authentication import SessionAuthentication, TokenAuthentication
from accounts.models import User
from accounts.standing import Credential, credential_of
from core.api.problem import plain_problem
from core.errors import TooMany
from core.holding import Endless
from core.messages import Message
from core.places import STREAMS, Place
from live.changes import RESYNC, read_missed
from live.hub import Client, hub_of_this_loop
from projects.rights import rights_of_user, watch_of_this_loop

CONNECTED = b"retry: 2000\n: connected\n\n"
# How long a stream waits for Redis before it opens without it.
OPENING_SECONDS = 1.0


def stream(request: HttpRequest) -> HttpResponseBase:
    """Open a stream for the caller; `Last-Event-ID` resumes one."""
    if request.method != "GET":
        return refused(405, Message("Open the stream with GET."), Allow="GET")
    asked = Request(request, authenticators=[TokenAuthentication(), SessionAuthentication()])
    user = caller(asked)
    if user is None:
        challenge = {"WWW-Authenticate": 'Bearer realm="slipway"'}
        return refused(401, Message("The stream needs a session or a token."), **challenge)
    try:
        place = STREAMS.take(user.pk)
    except TooMany as refusal:
        wait_seconds = str(refusal.retry_after_seconds)
        return refused(refusal.status, refusal.message, **{"Retry-After": wait_seconds})
    client, last = Client(rights_of_user(user)), request.headers.get("Last-Event-ID", "")
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Endless(
        frames(place, client, credential_of(asked), last),
        content_type="text/event-stream",
        headers=headers,
    )


def refused(status: int, detail: Message, **headers: str) -> HttpResponse:
    """Say why no stream is opened."""
    response = plain_problem(status, detail)
    for name, value in headers.items():
        response[name] = value
    return response


def caller(request: Request) -> User | None:
    """Return who is calling, by the same rules as everywhere else."""
    try:
        user = request.user
    except APIException:
        return None
    return user if isinstance(user, User) and user.is_active else None


async def frames(
    place: Place, client: Client, credential: Credential, last: str
) -> AsyncIterator[bytes]:
    """Yield what a client missed, then changes as they come, for as long as it may hear them."""
    hub = hub_of_this_loop()
    hub.join(client)
    try:
        with place, watch_of_this_loop().over(credential, client.heed):
            with suppress(TimeoutError):
                await asyncio.wait_for(hub.is_reading.wait(), OPENING_SECONDS)
            yield CONNECTED
            if last:
                yield await missed(client, last)
            while events := await hub.next_for(client):
                yield b"".join([event.frame for event in events])
    finally:
        hub.leave(client)


async def missed(client: Client, last: str) -> bytes:
    """Return the changes since an event id, or the event that says to fetch everything."""
    events = await read_missed(hub_of_this_loop().redis, last)
    if events is None:
        return RESYNC.frame
    return b"".join([m.frame for m in events if client.rights.reach(m.project)])
