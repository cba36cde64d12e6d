"""One cluster's API over the wire: the only importer of the Kubernetes client library.

Answers are returned as bytes and decoded by `observed`; the library provides TLS, authentication
and connection pools. It neither sets timeouts nor retries PATCH, so both are done here; and every
answer is limited, in time and in bytes.
"""

import os
import ssl
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from copy import copy
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec
import orjson
import urllib3
from kubernetes.client import Configuration
from kubernetes.client.exceptions import ApiException
from kubernetes.client.rest import RESTClientObject
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_exponential_jitter

from clusters.credentials import decrypt_access
from clusters.errors import (
    AlreadyExists,
    ClusterError,
    ClusterForbidden,
    ClusterInvalid,
    ClusterUnavailable,
    ResourceExpired,
    error_of_status,
)
from clusters.kinds import POD, Manifest, ObjectKind, kind_of
from clusters.kubeconfig import ClusterAccess
from clusters.models import Cluster
from core.answers import Answer
from core.destinations import DENIED, PlaceDenied
from core.messages import Message, quoted
from core.transport import CHUNK_BYTES, TooLarge, guard, read_whole

FIELD_MANAGER = "slipway"
CONNECT_SECONDS, READ_SECONDS = 3.05, 15.0
# The API server itself ends a request after 60 s.
LIST_SECONDS = 60.0
# etcd keeps objects of at most 1.5 MiB; the API server accepts requests of 3 MiB.
MOST_BYTES = 8 * 1024**2
# A page of 500 pods is some 5 MB, one of nodes with their images some 15 MB; the largest list that
# is read in one piece, 25,000 pods after pages that expired, some 250 MB.
MOST_BYTES_OF_LIST = 512 * 1024**2
MOST_BYTES_OF_ERROR = 64 * 1024
ATTEMPTS = 3
LONGEST_RETRY_AFTER_SECONDS = 5.0
POOL_SIZE = 16
TOO_LARGE = "ResourceVersionTooLarge"
METADATA_ONLY = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
ACCESS_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
T = TypeVar("T", bound=msgspec.Struct)


class StatusCause(msgspec.Struct):
    """One of the causes of an error."""

    reason: str = ""


class Details(msgspec.Struct):
    """What an error is about."""

    causes: list[StatusCause] = []


class Status(msgspec.Struct):
    """What the API server says with an error."""

    message: str = ""
    reason: str = ""
    details: Details | None = None


class Version(msgspec.Struct, rename="camel"):
    """The version of Kubernetes, for example v1.36.3."""

    git_version: str


class UidOnly(msgspec.Struct):
    """The identity of an object."""

    uid: str


class Identified(msgspec.Struct):
    """An object of which only its identity matters."""

    metadata: UidOnly


class AccessStatus(msgspec.Struct):
    """The answer to an access review: whether we may."""

    allowed: bool


class AccessReview(msgspec.Struct):
    """An access review, answered."""

    status: AccessStatus


class ClusterClient:
    """Reads and writes of one cluster, with our errors, timeouts and retries.

    Every method raises `ClusterError`, and nothing else, when the cluster does not answer as asked.
    """

    def __init__(self, access: ClusterAccess) -> None:
        self.server = access.server
        self.headers = {"User-Agent": "slipway", "Accept": "application/json"}
        if access.token:
            self.headers["Authorization"] = f"Bearer {access.token}"
        # Long streams have connections of their own, so that they cannot starve short requests.
        self.control = rest_client(access)
        self.streams = rest_client(access)
        self.before_write: Callable[[], None] = lambda: None

    def fenced(self, check: Callable[[], None]) -> "ClusterClient":
        """Return a client that calls `check` before each attempt to write; raising stops it.

        The process that decided to write may have been paused for a minute since.
        """
        fenced = copy(self)
        fenced.before_write = check
        return fenced

    def version(self) -> str:
        """Return the API server's version, for example v1.36.3."""
        return decoded(self.request("GET", "/version"), Version).git_version

    def uid_of(self, kind: ObjectKind, name: str) -> str:
        """Return the uid of an object; empty when it does not exist."""
        body = self.get(kind, None, name)
        return decoded(body, Identified).metadata.uid if body else ""

    def may(self, verb: str, kind: ObjectKind, subresource: str = "") -> bool:
        """Return whether our credentials may do this in every namespace."""
        group, _, version = kind.api_version.rpartition("/")
        attributes = {
            "verb": verb,
            "group": group,
            "version": version,
            "resource": kind.plural,
            "subresource": subresource,
        }
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        }
        body = self.request("POST", ACCESS_REVIEWS, body=orjson.dumps(review))
        return decoded(body, AccessReview).status.allowed

    def get(self, kind: ObjectKind, namespace: str | None, name: str) -> bytes | None:
        """Return one object, or None when it does not exist."""
        return self.request_or_none("GET", kind.path(namespace, name))

    def list(self, kind: ObjectKind, namespace: str | None = None, **query: object) -> bytes:
        """Return a list of objects; `query` are the API's own parameters."""
        return self.request(
            "GET",
            kind.path(namespace),
            query=query,
            # Listing one namespace is quick.
            seconds=READ_SECONDS if namespace else LIST_SECONDS,
            most_bytes=MOST_BYTES_OF_LIST,
        )

    def apply(
        self,
        manifest: Manifest,
        *,
        resource_version: str | None = None,
        force: bool = True,
        dry_run: bool = False,
    ) -> bytes:
        """Make an object match the manifest, by server-side apply; return the result.

        With a resource version, an object that changed since is a `ClusterConflict`; without
        force, so is one whose fields somebody else owns. Applying the same manifest again
        changes nothing, so it is safe to repeat. A dry run changes nothing at all.
        """
        metadata = manifest["metadata"]
        if resource_version is not None:
            metadata = {**metadata, "resourceVersion": resource_version}
        return self.request(
            "PATCH",
            kind_of(manifest).path(metadata.get("namespace"), metadata["name"]),
            query={
                "fieldManager": FIELD_MANAGER,
                "force": "true" if force else "false",
                **({"dryRun": "All"} if dry_run else {}),
            },
            body=orjson.dumps({**manifest, "metadata": metadata}),
            content_type="application/apply-patch+yaml",
        )

    def create(self, manifest: Manifest) -> None:
        """Create an object that is never changed; one that exists already is left as it is.

        It is for Secrets: the answer has metadata only, so what we wrote does not come back.
        """
        namespace = manifest["metadata"].get("namespace")
        with suppress(AlreadyExists):
            self.request(
                "POST",
                kind_of(manifest).path(namespace),
                query={"fieldManager": FIELD_MANAGER},
                body=orjson.dumps(manifest),
                accept=METADATA_ONLY,
            )

    def own(
        self,
        kind: ObjectKind,
        namespace: str | None,
        name: str,
        managed_fields: Sequence[Any],
        **at: str,
    ) -> bytes:
        """Set who owns an object's fields; the fields' values stay as they are.

        `at` is the `resourceVersion` that was read: an object that changed since is a conflict.
        """
        return self.request(
            "PATCH",
            kind.path(namespace, name),
            query={"fieldManager": FIELD_MANAGER},
            body=orjson.dumps({"metadata": {"managedFields": managed_fields, **at}}),
            content_type="application/merge-patch+json",
        )

    def delete(
        self,
        kind: ObjectKind,
        namespace: str | None,
        name: str,
        *,
        uid: str | None = None,
        keeps_owned: bool = False,
    ) -> bool:
        """Delete an object and what it owns; return False when it was already gone.

        With a uid, another object of that name is a `ClusterConflict`. With `keeps_owned`, what it
        owns stays, and is free to be owned by another once the object is gone.
        Source: kubernetes.io/docs/concepts/architecture/garbage-collection, orphaned dependents
        """
        policy = "Orphan" if keeps_owned else "Foreground"
        options: dict[str, Any] = {"propagationPolicy": policy}
        if uid is not None:
            options["preconditions"] = {"uid": uid}
        answer = self.request_or_none(
            "DELETE",
            kind.path(namespace, name),
            body=orjson.dumps(options),
            content_type="application/json",
        )
        return answer is not None

    def logs(self, namespace: str, pod: str, **query: object) -> "Stream":
        """Open a container's log, as far as it has been written."""
        path = f"{POD.path(namespace, pod)}/log"
        return self.stream(path, query=query, read_seconds=READ_SECONDS)

    def watch(
        self, kind: ObjectKind, *, seconds: int, read_seconds: float, **query: object
    ) -> Iterator[bytes]:
        """Yield raw watch events, one per line, until the server ends the stream after `seconds`.

        A stream that has not ended after `read_seconds` is an error, silent or not.
        """
        query |= {"watch": "true", "allowWatchBookmarks": "true", "timeoutSeconds": seconds}
        return lines(self.stream(kind.path(), query=query, read_seconds=read_seconds))

    def request_or_none(self, method: str, path: str, **options: Any) -> bytes | None:
        """Send a request; return None if the object does not exist."""
        status, body = self.exchange(method, path, **options)
        return None if status == 404 else body

    def request(self, method: str, path: str, **options: Any) -> bytes:
        """Send a request whose object must exist."""
        status, body = self.exchange(method, path, **options)
        if status == 404:
            raise error_of_status(status, status_of(body).message[:1000], retry_after_seconds=None)
        return body

    def exchange(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: bytes | None = None,
        content_type: str = "application/json",
        seconds: float = READ_SECONDS,
        most_bytes: int = MOST_BYTES,
        accept: str = "application/json",
    ) -> tuple[int, bytes]:
        """Send a request; retry passing failures, as everything we send is safe to repeat."""
        headers = {**self.headers, "Content-Type": content_type, "Accept": accept}
        url = self.url(path, query)

        def attempt() -> tuple[int, bytes]:
            if method != "GET":
                self.before_write()
            response = open_answer(self.control, method, url, headers, body, seconds)
            return answered(response, most_bytes=most_bytes)

        return repeating(attempt)

    def stream(self, path: str, *, query: Mapping[str, object], read_seconds: float) -> "Stream":
        """Open a long answer, which may stay silent for up to `read_seconds`."""
        with foreign_errors():
            response = self.streams.request(
                "GET",
                self.url(path, query),
                headers=self.headers,
                _request_timeout=(CONNECT_SECONDS, read_seconds),
            ).response
            if response.status >= 300:
                raise error_of(response, read_whole(response, most_bytes=MOST_BYTES_OF_ERROR))
        return Stream(response)

    def url(self, path: str, query: Mapping[str, object] | None) -> str:
        """Return the full address of a request."""
        return f"{self.server}{path}?{urlencode(query)}" if query else f"{self.server}{path}"


class Stream:
    """A long answer, chunk by chunk as it arrives."""

    def __init__(self, response: urllib3.BaseHTTPResponse) -> None:
        self.response = response

    def __iter__(self) -> Iterator[bytes]:
        """Yield the chunks; the connection is closed when the caller stops."""
        try:
            with foreign_errors():
                yield from self.response.stream(CHUNK_BYTES, decode_content=False)
        finally:
            self.response.close()

    def end(self) -> None:
        """End it from a thread other than the one that waits for its next chunk."""
        # It may have ended by itself.
        with suppress(ValueError, RuntimeError, OSError):
            self.response.shutdown()


def client_for(cluster: Cluster) -> ClusterClient:
    """Return this process's client of a cluster; new credentials make a new client."""
    return cached_client(cluster.name, bytes(cluster.credentials))


@lru_cache(maxsize=256)
def cached_client(name: str, credentials: bytes) -> ClusterClient:
    """Keep clients, and with them their connections, by credentials."""
    return ClusterClient(decrypt_access(credentials, cluster=name))


def rest_client(access: ClusterAccess) -> RESTClientObject:
    """Build the library's transport from inline credentials, without any proxy."""
    configuration = Configuration(
        host=access.server,
        ca_cert_data=access.ca or None,
        tls_server_name=access.tls_server_name or None,
        connection_pool_maxsize=POOL_SIZE,
        retries=urllib3.Retry(total=False, redirect=False),
        proxy="",
    )
    if not access.client_certificate:
        return guarded(RESTClientObject(configuration))
    with private_file(access.client_certificate + "\n" + access.client_key) as pem:
        configuration.cert_file = configuration.key_file = pem
        client = guarded(RESTClientObject(configuration))
        # TLS contexts read certificates from files only; the file is gone once it is loaded.
        try:
            load_certificate(client, pem)
        except ssl.SSLError as error:
            message = Message("The client certificate cannot be used.")
            raise ClusterForbidden(message + quoted(str(error.reason or error))) from error
    return client


def guarded(client: RESTClientObject) -> RESTClientObject:
    """Restrict a transport to permitted destinations, and its answers to a limited time."""
    guard(client.pool_manager)
    return client


def load_certificate(client: RESTClientObject, pem: str) -> None:
    """Replace the file names in a transport with a context that has the files loaded."""
    arguments = client.pool_manager.connection_pool_kw
    context = urllib3.util.ssl_.create_urllib3_context()
    # A key with a password would make OpenSSL ask for it on the terminal.
    context.load_cert_chain(pem, password="")
    if ca := arguments.pop("ca_cert_data", None):
        context.load_verify_locations(cadata=ca)
    else:
        context.load_default_certs()
    arguments.update(ssl_context=context)
    for name in ("cert_file", "key_file", "ca_certs"):
        arguments.pop(name, None)


@contextmanager
def private_file(text: str) -> Iterator[str]:
    """Write a text to a file that only we can read, for the duration of a block."""
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text)
        file.flush()
        yield file.name


def open_answer(
    client: RESTClientObject,
    method: str,
    url: str,
    headers: dict[str, str],
    body: bytes | None,
    seconds: float,
) -> urllib3.BaseHTTPResponse:
    """Send a request; return its answer with only the headers read."""
    with foreign_errors():
        response: urllib3.BaseHTTPResponse = client.pool_manager.request(
            method,
            url,
            headers=headers,
            body=body,
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=seconds),
            preload_content=False,
        )
    return response


def answered(response: urllib3.BaseHTTPResponse, *, most_bytes: int) -> tuple[int, bytes]:
    """Read an answer; 404 is returned, other refusals are raised.

    Redirects count as refusals: they are not followed.
    """
    is_refusal = response.status >= 300
    with foreign_errors():
        said = read_whole(response, most_bytes=MOST_BYTES_OF_ERROR if is_refusal else most_bytes)
    if is_refusal and response.status != 404:
        raise error_of(response, said)
    return response.status, said


def decoded(body: bytes, shape: type[T]) -> T:
    """Decode an answer.

    Raises:
        ClusterInvalid: somebody else answered, for example a proxy with a page of its own.
    """
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ClusterInvalid(Message("The API server sent an unexpected response.")) from error


@contextmanager
def foreign_errors() -> Iterator[None]:
    """Turn the libraries' exceptions into ours."""
    try:
        yield
    except ClusterError:
        raise
    except PlaceDenied as error:
        raise ClusterInvalid(DENIED) from error
    except TooLarge as error:
        raise ClusterInvalid(
            Message("The API server sent a larger response than is accepted.")
        ) from error
    except (urllib3.exceptions.HTTPError, ApiException, OSError) as error:
        raise ClusterUnavailable(sentence_of(error)) from error


def sentence_of(error: Exception) -> Message:
    """Say what went wrong with the connection, without addresses of Python objects."""
    reason = getattr(error, "reason", None) or error
    if isinstance(reason, urllib3.exceptions.SSLError):
        refused = Message("The API server's certificate is not trusted.")
        return refused + quoted(str(reason))
    if isinstance(reason, urllib3.exceptions.TimeoutError) and not isinstance(
        reason, urllib3.exceptions.NewConnectionError
    ):
        return Message("The API server did not answer in time.")
    return Message("The API server cannot be reached.")


def error_of(response: urllib3.BaseHTTPResponse, body: bytes) -> ClusterError:
    """Return the error that an answer means."""
    if is_ahead(body):
        return ResourceExpired(quoted(status_of(body).message[:1000]))
    said = status_of(body)
    message = said.message[:1000]
    if said.reason == "AlreadyExists":
        return AlreadyExists(quoted(message))
    retry_after = response.headers.get("Retry-After", "")
    return error_of_status(
        response.status,
        message,
        retry_after_seconds=float(retry_after) if retry_after.isdigit() else None,
    )


def is_ahead(body: bytes) -> bool:
    """Return whether we asked for a version that the server has not reached: it answers 504."""
    details = status_of(body).details
    return details is not None and any(c.reason == TOO_LARGE for c in details.causes)


def status_of(body: bytes) -> Status:
    """Return the API server's status; an empty one if the answer is not the API server's."""
    try:
        return msgspec.json.decode(body, type=Status)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Status()


def repeating(attempt: Callable[[], tuple[int, bytes]]) -> tuple[int, bytes]:
    """Retry passing failures a few times, as far apart as the server asks."""
    retrying = Retrying(
        retry=retry_if_exception(is_passing),
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_as_asked,
        reraise=True,
    )
    return retrying(attempt)


def is_passing(error: BaseException) -> bool:
    """Return whether the same request may get another answer in a moment."""
    return isinstance(error, ClusterError) and error.answer in (Answer.AWAY, Answer.BUSY)


def wait_as_asked(state: RetryCallState) -> float:
    """Return how long to wait: what `Retry-After` says, within reason, else a jittered moment."""
    error = state.outcome.exception() if state.outcome else None
    asked = getattr(error, "retry_after_seconds", None)
    jittered: float = wait_exponential_jitter(multiplier=0.2, max=2.0, jitter=0.3)(state)
    return min(asked, LONGEST_RETRY_AFTER_SECONDS) + jittered / 4 if asked else jittered


def lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Split a byte stream into lines.

    Raises:
        ClusterInvalid: a line is longer than any object can be.
    """
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from whole
        if len(rest) > MOST_BYTES:
            raise ClusterInvalid(Message("The API server sent a larger response than is accepted."))
