"""Reads containers' logs on the event loop, since a log may be silent for an hour."""

import ssl
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager

import httpx

from clusters.client import CONNECT_SECONDS, READ_SECONDS, private_file, status_of
from clusters.credentials import decrypt_access
from clusters.errors import (
    ClusterError,
    ClusterInvalid,
    ClusterUnavailable,
    NodeAway,
    error_of_status,
)
from clusters.kinds import POD
from clusters.kubeconfig import ClusterAccess
from clusters.models import Cluster
from core.destinations import DENIED, PlaceDenied
from core.messages import Message, below
from core.transport import guarded_client

LONGEST_SILENCE_SECONDS = 3600.0
NODE_STATUSES = frozenset({500, 502, 503, 504})


class LogReader:
    """Reads logs of one cluster, each on a connection of its own."""

    def __init__(self, cluster: Cluster) -> None:
        self.access = decrypt_access(bytes(cluster.credentials), cluster=cluster.name)
        self.client = client_of(self.access)

    async def chunks(
        self, namespace: str, pod: str, **query: object
    ) -> AsyncGenerator[bytes, None]:
        """Yield a container's log as it is written; `query` are the API's own parameters.

        The first chunk is empty: the log is open, even if nothing was ever written.

        Raises:
            NodeAway: the cluster answers, but the pod's node does not.
            ClusterError: the cluster does not answer as asked.
        """
        # What is followed may be silent, what is read once may not.
        silence = LONGEST_SILENCE_SECONDS if query.get("follow") == "true" else READ_SECONDS
        request = self.request(f"{POD.path(namespace, pod)}/log", query, read_seconds=silence)
        response = await self.opened(request, pod)
        try:
            yield b""
            with foreign_errors():
                async for chunk in response.aiter_raw():
                    yield chunk
        finally:
            await response.aclose()

    async def opened(self, request: httpx.Request, pod: str) -> httpx.Response:
        """Wait until an answer begins; raise a refusal."""
        status, said = 0, ""
        try:
            with foreign_errors():
                response = await self.client.send(request, stream=True)
                if response.status_code < 300:
                    return response
                status, said = response.status_code, status_of(await response.aread()).message
                await response.aclose()
            raise error_of_status(status, said[:1000], retry_after_seconds=None)
        except ClusterError as error:
            # The API server asks the pod's node. What it says of one that is away depends on the
            # network between them; what it means depends on whether the API server itself is there.
            may_be_its_node = isinstance(error, ClusterUnavailable) or status in NODE_STATUSES
            if may_be_its_node and await self.answers():
                raise NodeAway(node_away(pod) + below(said[:1000])) from error
            raise

    async def answers(self) -> bool:
        """Return whether the API server itself answers."""
        request = self.request("/version", {}, read_seconds=CONNECT_SECONDS)
        try:
            with foreign_errors():
                return (await self.client.send(request)).status_code < 500
        except ClusterError:
            return False

    def request(self, path: str, query: dict[str, object], *, read_seconds: float) -> httpx.Request:
        """Build a request that may stay unanswered for some seconds."""
        request = self.client.build_request(
            "GET",
            f"{self.access.server}{path}",
            params={name: str(value) for name, value in query.items()},
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS, read=read_seconds),
        )
        if self.access.tls_server_name:
            request.extensions["sni_hostname"] = self.access.tls_server_name
        return request

    async def aclose(self) -> None:
        """Close all connections."""
        await self.client.aclose()


def node_away(pod: str) -> Message:
    """Say that a pod's node does not answer."""
    return Message("The log of %(pod)s cannot be read now: its node does not answer.", pod=pod)


def client_of(access: ClusterAccess) -> httpx.AsyncClient:
    """Make a client for one cluster."""
    headers = {"User-Agent": "slipway"}
    if access.token:
        headers["Authorization"] = f"Bearer {access.token}"
    return guarded_client(trusted=context_of(access), timeout=None, headers=headers)


def context_of(access: ClusterAccess) -> ssl.SSLContext:
    """Return a TLS context with the CA to trust and the certificate to present."""
    context = ssl.create_default_context(cadata=access.ca or None)
    if access.client_certificate:
        with private_file(access.client_certificate + "\n" + access.client_key) as pem:
            context.load_cert_chain(pem, password="")
    return context


@contextmanager
def foreign_errors() -> Iterator[None]:
    """Turn the library's exceptions into ours."""
    try:
        yield
    except PlaceDenied as error:
        raise ClusterInvalid(DENIED) from error
    except httpx.TimeoutException as error:
        raise ClusterUnavailable(Message("The API server did not answer in time.")) from error
    except (httpx.HTTPError, httpx.StreamError, OSError) as error:
        raise ClusterUnavailable(Message("The API server cannot be reached.")) from error
