"""Server-Sent Events: says what changed, so that pages fetch it again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from copy import copy
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from redis.asyncio import Redis
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from accounts.authentication import SessionAuthentication, TokenAuthentication
from accounts.models import User
from core.api.problem import plain_problem
from core.words import told
from notify.changes import RESYNC, read_missed
from notify.hub import Client, Hub, hub_of_this_loop
from projects.models import Project

HEARTBEAT_SECONDS = 15.0
HEARTBEAT, CONNECTED = b": heartbeat\n\n", b"retry: 2000\n: connected\n\n"
# How long a stream waits for Redis before it opens without.
OPENING_SECONDS = 1.0
MOST_STREAMS_PER_USER = 20


async def stream(request: HttpRequest) -> HttpResponseBase:
    """Open a stream for the caller; `Last-Event-ID` resumes one."""
    if request.method != "GET":
        return refused(405, told("Open the stream with GET."), Allow="GET")
    user = await sync_to_async(caller)(request)
    if user is None:
        challenge = {"WWW-Authenticate": 'Bearer realm="slipway"'}
        return refused(401, told("The stream needs a session or a token."), **challenge)
    hub = hub_of_this_loop()
    if hub.streams_of(user.pk) >= MOST_STREAMS_PER_USER:
        message = told("You have %(most)s streams open already.", most=MOST_STREAMS_PER_USER)
        return refused(429, message)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingHttpResponse(
        frames(hub, request, user), content_type="text/event-stream", headers=headers
    )


def refused(status: int, detail: str, **headers: str) -> HttpResponse:
    """Say why no stream is opened."""
    response = plain_problem(status, detail)
    for name, value in headers.items():
        response[name] = value
    return response


def caller(request: HttpRequest) -> User | None:
    """Return who asks, by the same rules as everywhere else, looked up anew.

    A request keeps its session and user once they were read; a stream outlives both.
    """
    fresh: Any = copy(request)
    fresh.session = type(fresh.session)(fresh.session.session_key)
    fresh.user = get_user(fresh)
    wrapped = Request(fresh, authenticators=[TokenAuthentication(), SessionAuthentication()])
    try:
        user: Any = wrapped.user
    except APIException:
        return None
    return user if isinstance(user, User) and user.is_active else None


def visible_projects(user: User) -> set[str] | None:
    """Return the names of the projects a user may hear of; None is all of them."""
    if user.is_superuser:
        return None
    return set(Project.objects.visible_to(user).values_list("name", flat=True))


async def frames(hub: Hub, request: HttpRequest, user: User) -> AsyncIterator[bytes]:
    """Yield what a client missed, then changes as they come, with heartbeats between.

    Rights are looked at again before every heartbeat; a stream does not outlive them.
    """
    client = Client(user.pk, await sync_to_async(visible_projects)(user))
    hub.join(client)
    try:
        with suppress(TimeoutError):
            await asyncio.wait_for(hub.is_reading.wait(), OPENING_SECONDS)
        yield CONNECTED
        async for frame in missed(client, request.headers.get("Last-Event-ID", "")):
            yield frame
        while True:
            async for frame in until_heartbeat(client):
                yield frame
            present = await sync_to_async(caller)(request)
            if present is None:
                return
            client.projects = await sync_to_async(visible_projects)(present)
            yield HEARTBEAT
    finally:
        hub.leave(client)


async def until_heartbeat(client: Client) -> AsyncIterator[bytes]:
    """Yield changes until it is time for the next heartbeat, however many there are."""
    now = asyncio.get_running_loop().time
    ends_at = now() + HEARTBEAT_SECONDS
    while (left := ends_at - now()) > 0:
        with suppress(TimeoutError):
            yield await asyncio.wait_for(client.queue.get(), left)


async def missed(client: Client, last: str) -> AsyncIterator[bytes]:
    """Yield the changes since an event id, or the word to fetch everything."""
    if not last:
        return
    async with Redis.from_url(settings.REDIS_URL, socket_timeout=5) as redis:
        messages = await read_missed(redis, last)
    if messages is None:
        yield RESYNC
        return
    for message in messages:
        if client.may_hear(message):
            yield message.frame
