"""The HTTP API of a pod's log, live from its cluster: read once, or followed."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from typing import Any

from asgiref.sync import async_to_sync
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from accounts.standing import Credential, credential_of
from clusters.client import client_for
from clusters.errors import ClusterError, ClusterInvalid
from clusters.following import FollowedLog, follow_log
from clusters.models import Pod
from core.api.pagination import whole_number
from core.errors import Invalid, NotFound, Unavailable
from core.holding import Endless, before, let_go
from core.messages import Message
from core.places import LOGS, Place
from projects.rights import Rights, watch_of_this_loop
from serving.api.pods import service_pods
from serving.api.scope import ServiceScopedViewSet
from serving.diagnosis.causal_chain import container_to_read
from serving.diagnosis.read import facts_of
from serving.models import ModelService

LOG_PARAMETERS = frozenset({"pod", "container", "tail", "previous", "follow"})
MOST_LOG_LINES = 10_000
PLAIN_TEXT = "text/plain; charset=utf-8"
LARGEST_LOG, LARGEST_FOLLOWED_LOG = 8 * 1024**2, 256 * 1024**2


class LogViewSet(ServiceScopedViewSet):
    """A pod's log, live from its cluster."""

    query_parameters = LOG_PARAMETERS

    @extend_schema(
        parameters=[
            OpenApiParameter("pod", str, required=True),
            OpenApiParameter("container", str),
            OpenApiParameter("tail", int),
            OpenApiParameter("previous", bool),
            OpenApiParameter("follow", bool),
        ],
        responses={(200, "text/plain"): OpenApiTypes.STR},
    )
    def retrieve(
        self, request: Request, project: str, environment: str, service: str
    ) -> HttpResponseBase:
        """Read or follow a pod's log.

        It is read live from the cluster.
        """
        found, asked = self.get_service(), request.query_params
        pod = service_pods(found).filter(name=asked.get("pod", "")).first()
        if pod is None:
            raise NotFound(
                Message(
                    "%(service)s has no pod '%(pod)s'.",
                    service=found.name,
                    pod=asked.get("pod", ""),
                )
            )
        container = asked.get("container") or container_to_read(facts_of(pod, {}), usual="model")
        query = {
            "container": container,
            "tailLines": tail_of(asked.get("tail", "200")),
            "previous": asked.get("previous", "false"),
        }
        if asked.get("follow") == "true":
            return self.follow(found, pod, query)
        let_go()
        with live_read():
            log = client_for(found.cluster).logs(
                pod.namespace, pod.name, limitBytes=LARGEST_LOG, **query
            )
            return HttpResponse(b"".join(log), content_type=PLAIN_TEXT)

    def follow(self, service: ModelService, pod: Pod, query: dict[str, Any]) -> HttpResponseBase:
        """Answer with the log's last lines and then with what is written from now on."""
        place, cluster = LOGS.take(self.user.pk), service.cluster
        let_go()
        # Opened before the answer begins, so that a cluster that does not answer is still a 503.
        with live_read():
            log = async_to_sync(follow_log)(
                cluster, pod.namespace, pod.name, limitBytes=LARGEST_FOLLOWED_LOG, **query
            )
        content = followed(
            log, place, credential_of(self.request), service.environment.project.name
        )
        return Endless(content, content_type=PLAIN_TEXT)


async def followed(
    log: FollowedLog, place: Place, credential: Credential, project: str
) -> AsyncIterator[bytes]:
    """Yield a log as it is written, for as long as its reader has access to the project."""
    is_over = asyncio.get_running_loop().create_future()

    def heed(rights: Rights | None) -> None:
        if (rights is None or not rights.reach(project)) and not is_over.done():
            is_over.set_result(None)

    async with aclosing(log), aclosing(log.chunks()) as chunks:
        with place, watch_of_this_loop().over(credential, heed):
            async for chunk in before(is_over, chunks):
                yield chunk


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
