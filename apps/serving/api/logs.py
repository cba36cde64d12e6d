"""The HTTP API of a service's logs, live from its cluster: of one pod or all, once or followed."""

import asyncio
from collections.abc import (
    AsyncIterator,
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from asgiref.sync import async_to_sync
from django.db import Error
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import get_language, override
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from accounts.standing import Credential, credential_of
from clusters.errors import ClusterError, ClusterInvalid
from clusters.following import LogReader
from clusters.gathering import MOST_LOGS, Gathering, LogEntry, Source
from clusters.models import Cluster, Pod
from core.api.filters import flag_of
from core.api.pagination import whole_number
from core.api.renderers import JSONRenderer, LinesRenderer
from core.api.serializers import Serializer
from core.durations import parse_duration
from core.errors import Invalid, NotFound, Unavailable
from core.holding import Endless, aside, before, let_go
from core.messages import Message
from core.places import LOGS, Place
from core.reasons import Reason
from projects.rights import Rights, watch_of_this_loop
from serving.api.pods import service_pods
from serving.api.scope import ServiceScopedViewSet
from serving.diagnosis.causal_chain import container_to_read
from serving.diagnosis.read import facts_of
from serving.models import ModelService

LOG_PARAMETERS = frozenset(
    {"pod", "container", "tail", "since", "previous", "follow", "timestamps"}
)
MOST_LOG_LINES = 10_000
PLAIN_TEXT = "text/plain; charset=utf-8"
LARGEST_LOG, LARGEST_FOLLOWED_LOG = 8 * 1024**2, 256 * 1024**2
Render = Callable[[Iterable[LogEntry]], bytes]


class LogLineSerializer(Serializer):
    """A line of a pod's log, or a notice in its place: why a log cannot be read, or has ended."""

    pod = serializers.CharField()
    container = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)
    line = serializers.CharField(required=False)
    notice = serializers.CharField(required=False)
    reason = serializers.CharField(required=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which logs of a service a request is about, and which of their lines."""

    pod: str
    container: str
    query: dict[str, object]

    @property
    def is_followed(self) -> bool:
        return "follow" in self.query


class LogViewSet(ServiceScopedViewSet):
    """The logs of a service's pods, live from its cluster."""

    query_parameters = LOG_PARAMETERS
    renderer_classes = [JSONRenderer, LinesRenderer]

    @extend_schema(
        parameters=[
            OpenApiParameter("pod", str, description="One pod; without it, all of the service."),
            OpenApiParameter("container", str),
            OpenApiParameter("tail", int, description="How many lines of each pod, at most."),
            OpenApiParameter("since", str, description="`15m`, `2h`, or a moment (RFC 3339)."),
            OpenApiParameter("previous", bool),
            OpenApiParameter("follow", bool),
            OpenApiParameter("timestamps", bool, description="Of plain text: begin with the time."),
        ],
        responses={
            (200, "text/plain"): OpenApiTypes.STR,
            (200, "application/x-ndjson"): LogLineSerializer,
        },
    )
    def retrieve(
        self, request: Request, project: str, environment: str, service: str
    ) -> HttpResponseBase:
        """Read or follow the logs of a service's pods.

        They are read live from the cluster: of one pod, or of all as one.
        """
        found, asked = self.get_service(), asked_of(request)
        sources, notices = sources_of(found, asked), []
        if not sources and asked.pod:
            raise NotFound(
                Message("%(service)s has no pod '%(pod)s'.", service=found.name, pod=asked.pod)
            )
        if len(sources) > MOST_LOGS:
            sources, notices = sources[:MOST_LOGS], [only_newest(len(sources))]
        render, content_type = self.rendering(asked)
        if asked.is_followed:
            return self.follow(found, asked, sources, notices, render, content_type)
        let_go()
        with live_read():
            entries = async_to_sync(whole_log)(found.cluster, asked, sources)
        return HttpResponse(render([*notices, *entries]), content_type=content_type)

    def rendering(self, asked: Asked) -> tuple[Render, str]:
        """Return how entries are written for this caller, and what that is called."""
        language = get_language()
        is_timed = flag_in(self.request.query_params, "timestamps")
        if isinstance(self.request.accepted_renderer, LinesRenderer):
            return lambda entries: entries_as_lines(entries, language), LinesRenderer.media_type
        is_of_one = bool(asked.pod)
        return (
            lambda entries: as_text(entries, language, is_timed=is_timed, is_of_one=is_of_one),
            PLAIN_TEXT,
        )

    def follow(
        self,
        service: ModelService,
        asked: Asked,
        sources: Sequence[Source],
        notices: Sequence[LogEntry],
        render: Render,
        content_type: str,
    ) -> HttpResponseBase:
        """Answer with the last lines and then with what is written from now on."""
        place = LOGS.take(self.user.pk)
        let_go()

        async def look() -> Collection[Source] | None:
            try:
                return await aside(sources_of, service, asked)
            except Error:
                return None

        # Opened before the answer begins, so that a cluster that does not answer is still a 503.
        with live_read():
            gathering = async_to_sync(begun)(
                service.cluster, asked, sources, None if asked.pod else look
            )
        gathering.pending[:0] = notices
        content = followed(
            gathering,
            render,
            place,
            credential_of(self.request),
            service.environment.project.name,
        )
        return Endless(content, content_type=content_type)


async def begun(
    cluster: Cluster, asked: Asked, sources: Sequence[Source], look: Any = None
) -> Gathering:
    """Begin to read logs."""
    most = LARGEST_FOLLOWED_LOG if asked.is_followed else LARGEST_LOG // max(len(sources), 1)
    gathering = Gathering(LogReader(cluster), {**asked.query, "limitBytes": most}, look)
    try:
        await gathering.open(sources)
    except BaseException:
        await gathering.aclose()
        raise
    return gathering


async def whole_log(cluster: Cluster, asked: Asked, sources: Sequence[Source]) -> list[LogEntry]:
    """Read logs as far as they were written."""
    async with aclosing(await begun(cluster, asked, sources)) as gathering:
        return await gathering.whole()


async def followed(
    gathering: Gathering, render: Render, place: Place, credential: Credential, project: str
) -> AsyncIterator[bytes]:
    """Yield logs as they are written, for as long as their reader has access to the project."""
    is_over = asyncio.get_running_loop().create_future()

    def heed(rights: Rights | None) -> None:
        if (rights is None or not rights.reach(project)) and not is_over.done():
            is_over.set_result(None)

    async with aclosing(gathering), aclosing(gathering.batches()) as batches:
        with place, watch_of_this_loop().over(credential, heed):
            async for entries in before(is_over, batches):
                yield render(entries)


def asked_of(request: Request) -> Asked:
    """Parse what a request asks for, or refuse it."""
    given = request.query_params
    query: dict[str, object] = {
        "tailLines": tail_of(given.get("tail", "200")),
        "previous": str(flag_in(given, "previous")).lower(),
        **asked_since(given.get("since", "")),
    }
    if flag_in(given, "follow"):
        query["follow"] = "true"
    return Asked(given.get("pod", ""), given.get("container", ""), query)


def sources_of(service: ModelService, asked: Asked) -> list[Source]:
    """Return whose logs are meant, those of the newest pods first."""
    pods = service_pods(service).order_by("-created_at", "-id")
    return [source_of(pod, asked) for pod in (pods.filter(name=asked.pod) if asked.pod else pods)]


def source_of(pod: Pod, asked: Asked) -> Source:
    """Return the container of a pod whose log is meant."""
    container = asked.container or container_to_read(facts_of(pod, {}), usual="model")
    states = {one.get("name"): one.get("state") for one in pod.containers}
    return Source(pod.namespace, pod.name, container, states.get(container) == "running")


def only_newest(count: int) -> LogEntry:
    """Say that not all logs are read."""
    notice = Message(
        "There are %(pods)s pods; the logs of the %(most)s newest are read. Choose a pod to read "
        "that of another.",
        pods=count,
        most=MOST_LOGS,
    )
    return LogEntry(Source("", "", ""), None, notice=notice)


def entries_as_lines(entries: Iterable[LogEntry], language: str | None) -> bytes:
    """Write entries as JSON, one a line."""
    with override(language):
        return b"".join(
            orjson.dumps(told(entry), option=orjson.OPT_UTC_Z) + b"\n" for entry in entries
        )


def told(entry: LogEntry) -> dict[str, str | datetime | None]:
    """Return an entry as the API shows it."""
    who = {"pod": entry.source.pod, "container": entry.source.container, "at": entry.at}
    if entry.notice is None:
        return {**who, "line": entry.line.removesuffix(b"\n").decode(errors="replace")}
    return {**who, "notice": sentence_of(entry.notice), "reason": reason_of(entry.notice)}


def as_text(
    entries: Iterable[LogEntry], language: str | None, *, is_timed: bool, is_of_one: bool
) -> bytes:
    """Write entries as kubectl does: the log of one pod as it is, those of many by their names."""
    written = []
    with override(language):
        for entry in entries:
            line = entry.line
            if entry.notice is not None:
                line = f"[slipway] {sentence_of(entry.notice)}\n".encode()
            elif is_timed and entry.at is not None:
                line = f"{entry.at:%Y-%m-%dT%H:%M:%S.%fZ} ".encode() + line
            if not is_of_one and entry.source.pod:
                prefix = f"[pod/{entry.source.pod}/{entry.source.container}] ".encode()
                line = prefix + line.removesuffix(b"\n") + b"\n"
            written.append(line)
    return b"".join(written)


def sentence_of(notice: ClusterError | Message) -> str:
    """Return what is said in place of a line, on one line."""
    message = notice.message if isinstance(notice, ClusterError) else notice
    return " ".join(str(message).split())


def reason_of(notice: ClusterError | Message) -> str:
    """Return the reason of what is said in place of a line; empty if it is no failure."""
    if isinstance(notice, ClusterInvalid):
        # The cluster's words on one log: its container waits, or had no previous run.
        return Reason.INVALID
    return notice.reason if isinstance(notice, ClusterError) else ""


def asked_since(text: str) -> dict[str, object]:
    """Parse how old the oldest line may be, or refuse it."""
    if not text:
        return {}
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is not None and moment.tzinfo is not None:
        return {"sinceTime": moment.isoformat(timespec="seconds")}
    try:
        seconds = parse_duration(text).total_seconds()
    except ValueError as error:
        raise Invalid(error.args[0], pointer="/since") from None
    if seconds < 1:
        raise Invalid(Message("since is at least one second."), pointer="/since")
    return {"sinceSeconds": int(seconds)}


def flag_in(given: Mapping[str, str], name: str) -> bool:
    """Parse whether something is asked for, or refuse it; a cluster takes any word for yes."""
    flag = flag_of(given.get(name, "false"))
    if flag is None:
        raise Invalid(Message("%(name)s is true or false.", name=name), pointer=f"/{name}")
    return flag


def tail_of(text: str) -> int:
    """Parse the number of lines wanted, or refuse it."""
    lines = whole_number(text, most=MOST_LOG_LINES)
    if lines is None:
        raise Invalid(
            Message("tail is a number from 1 to %(most)s.", most=MOST_LOG_LINES), pointer="/tail"
        )
    return lines


@contextmanager
def live_read() -> Iterator[None]:
    """Turn errors of a cluster that is called within a request into refusals of ours."""
    try:
        yield
    except ClusterInvalid as error:
        raise Invalid(error.message) from error
    except ClusterError as error:
        raise Unavailable(error.message, reason=error.reason) from error
