"""Follows a container's log on the event loop, since a log may be silent for an hour."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager

import httpx

from clusters.client import CONNECT_SECONDS, READ_SECONDS, private_file, status_of
from clusters.credentials import decrypt_access
from clusters.errors import ClusterInvalid, ClusterUnavailable, error_of_status
from clusters.kinds import POD
from clusters.kubeconfig import ClusterAccess
from clusters.models import Cluster
from core.destinations import DENIED, PlaceDenied
from core.messages import Message
from core.transport import guarded_client

# Before the first line is written, a kubelet sends nothing, not even that it has the log.
OPENING_SECONDS = 4.0
LONGEST_SILENCE_SECONDS = 3600.0


class FollowedLog:
    """A log that is open, or will be once its first line arrives."""

    def __init__(self, client: httpx.AsyncClient, opening: "asyncio.Task[httpx.Response]") -> None:
        self.client = client
        self.opening = opening

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yield the log as it is written, until the container ends or the reader stops."""
        response = await self.opening
        with foreign_errors():
            async for chunk in response.aiter_raw():
                yield chunk

    async def aclose(self) -> None:
        """Close the connection."""
        self.opening.cancel()
        await self.client.aclose()


async def follow_log(cluster: Cluster, namespace: str, pod: str, **query: object) -> FollowedLog:
    """Open a container's log; `query` are the API's own parameters.

    Raises:
        ClusterError: the cluster does not answer as asked.
    """
    access = decrypt_access(bytes(cluster.credentials), cluster=cluster.name)
    client = client_of(access)
    request = client.build_request(
        "GET",
        f"{access.server}{POD.path(namespace, pod)}/log",
        params={"follow": "true", **{name: str(value) for name, value in query.items()}},
    )
    if access.tls_server_name:
        request.extensions["sni_hostname"] = access.tls_server_name
    log = FollowedLog(client, asyncio.create_task(opened(client, request)))
    await asyncio.wait({log.opening}, timeout=OPENING_SECONDS)
    if log.opening.done() and log.opening.exception():
        await log.aclose()
        log.opening.result()
    return log


async def opened(client: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
    """Wait until an answer begins; raise a refusal."""
    with foreign_errors():
        response = await client.send(request, stream=True)
        if response.status_code >= 300:
            message = status_of(await response.aread()).message[:1000]
            raise error_of_status(response.status_code, message, retry_after_seconds=None)
    return response


def client_of(access: ClusterAccess) -> httpx.AsyncClient:
    """Make a client for one cluster."""
    headers = {"User-Agent": "slipway"}
    if access.token:
        headers["Authorization"] = f"Bearer {access.token}"
    timeout = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS, read=LONGEST_SILENCE_SECONDS)
    return guarded_client(trusted=context_of(access), timeout=timeout, headers=headers)


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
