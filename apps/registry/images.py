"""Container images: strict references, and the one request to a registry that resolves a tag.

Source: the OCI distribution specification, pulling manifests
"""

import asyncio
import re
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial

import httpx
import msgspec
from asgiref.sync import async_to_sync
from django.conf import settings

from core.answers import Answer, meaning_of
from core.destinations import DENIED, PlaceDenied
from core.errors import Forbidden, Invalid, Unavailable
from core.holding import asked
from core.messages import Message
from core.reasons import Reason
from core.transport import guarded_client
from registry.artifacts import DIGEST
from registry.challenges import Challenge, challenges_in

COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
REFERENCE = re.compile(
    r"(?:(?P<registry>[A-Za-z0-9.-]+(?:\.[A-Za-z0-9.-]+|:\d{1,5}|(?<=localhost))(?::\d{1,5})?)/)?"
    rf"(?P<repository>{COMPONENT}(?:/{COMPONENT})*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?"
    r"(?:@(?P<digest>sha256:[0-9a-f]{64}))?",
    re.ASCII,
)
MANIFEST_TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
# The registry of an image that names none.
UNNAMED_REGISTRY = "docker.io"
# For everything that one tag takes, however slowly the answers trickle in.
TIMEOUT_SECONDS = 5
LONGEST_TOKEN_ANSWER = 64 * 1024


class Token(msgspec.Struct):
    """The answer of a registry's token service; both field names are in use."""

    token: str = ""
    access_token: str = ""


@dataclass(frozen=True, slots=True)
class ImageReference:
    """An image as people write it; the registry is blank unless it is stated."""

    registry: str
    repository: str
    tag: str
    digest: str

    @property
    def name(self) -> str:
        return f"{self.registry}/{self.repository}" if self.registry else self.repository

    @property
    def whole_name(self) -> str:
        return f"{self.registry or UNNAMED_REGISTRY}/{self.repository}"

    def pinned(self, digest: str) -> str:
        """Return the reference by digest, which never changes."""
        return f"{self.name}@{digest}"


def parse_image(text: str) -> ImageReference:
    """Read an image reference.

    Raises:
        Invalid: it is not one.
    """
    match = REFERENCE.fullmatch(text)
    if match is None or len(text) > 512:
        raise Invalid(
            Message("'%(text)s' is not an image reference.", text=text[:80]), pointer="/image"
        )
    return ImageReference(
        match["registry"] or "", match["repository"], match["tag"] or "", match["digest"] or ""
    )


def refuse_source(image: str, *, environment: Sequence[str] = ()) -> None:
    """Refuse an image from a source that the platform or an environment does not allow.

    Each has a list of `registry` or `registry/path`; an empty list allows all.

    Raises:
        Forbidden: names what is allowed.
    """
    name = parse_image(image).whole_name
    for allowed in (settings.IMAGE_REGISTRIES, environment):
        if allowed and not any(name.startswith(f"{source}/") for source in allowed):
            raise Forbidden(
                Message(
                    "Images of %(name)s are not allowed here. Allowed are those of %(allowed)s.",
                    name=name,
                    allowed=", ".join(sorted(allowed)),
                ),
                reason=Reason.REGISTRY_NOT_ALLOWED,
                details={"image": image, "allowed": sorted(allowed)},
                errors=[{"pointer": "/image", "detail": Message("Use another registry.")}],
            )


def pinned_image(text: str) -> str:
    """Return the image by digest; a tag is resolved once, now.

    Raises:
        Invalid: not a reference, or a tag that cannot be resolved; says what to do.
        Unavailable: the registry does not answer now.
    """
    reference = parse_image(text)
    return reference.pinned(reference.digest or resolve(reference))


def resolve(reference: ImageReference) -> str:
    """Ask the reference's registry for the digest of its tag.

    Only registries that the operator listed are asked, wherever their answers point to.
    """
    registry = reference.registry
    if registry not in settings.IMAGE_REGISTRIES:
        raise unresolved(
            Message(
                "Tags of %(registry)s are not resolved here: it is not listed in "
                "SLIPWAY_IMAGE_REGISTRIES.",
                registry=registry or Message("a registry it does not name"),
            )
        )
    return asked(partial(digest_from, reference), about=reference)


def digest_from(reference: ImageReference) -> str:
    """Ask a listed registry for the digest of a tag."""
    registry = reference.registry
    try:
        answer = async_to_sync(head_of_manifest)(reference, trusted_authorities())
    except TimeoutError as error:
        message = Message(
            "The registry %(registry)s did not answer within %(seconds)s s.",
            registry=registry,
            seconds=TIMEOUT_SECONDS,
        )
        raise unanswered(message) from error
    except PlaceDenied as error:
        raise unresolved(DENIED) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        message = Message(
            "The registry %(registry)s cannot be reached over %(scheme)s.",
            registry=registry,
            scheme=scheme_of(registry),
        )
        raise unanswered(message) from error
    return digest_in(answer, reference)


async def head_of_manifest(reference: ImageReference, trusted: ssl.SSLContext) -> httpx.Response:
    """Send HEAD for a manifest, with an anonymous token if the registry wants one.

    Raises:
        TimeoutError: it took too long in total; the client's own limits are per read.
    """
    path = f"{reference.repository}/manifests/{reference.tag or 'latest'}"
    url = f"{scheme_of(reference.registry)}://{reference.registry}/v2/{path}"
    headers = {"Accept": ", ".join(MANIFEST_TYPES)}
    async with (
        asyncio.timeout(TIMEOUT_SECONDS),
        guarded_client(trusted=trusted, timeout=None) as client,
    ):
        answer = await client.head(url, headers=headers)
        challenge = bearer_challenge(answer)
        if answer.status_code != 401 or challenge is None:
            return answer
        token = await anonymous_token(client, challenge, reference)
        return await client.head(url, headers={**headers, "Authorization": f"Bearer {token}"})


def bearer_challenge(answer: httpx.Response) -> Challenge | None:
    """Return the bearer challenge, if there is one; one with a listed host is preferred."""
    every = challenges_in(answer.headers.get_list("WWW-Authenticate"))
    bearer = [challenge for challenge in every if challenge.scheme == "bearer"]
    listed = [challenge for challenge in bearer if is_listed(*realm_of(challenge))]
    return next(iter(listed + bearer), None)


def realm_of(challenge: Challenge) -> tuple[str, str]:
    """Return the scheme and the host of the token service."""
    scheme, _, rest = challenge.parameters.get("realm", "").partition("://")
    return scheme.lower(), re.split(r"[/?#]", rest, maxsplit=1)[0]


def is_listed(scheme: str, host: str) -> bool:
    """Return whether the operator lists a host, and with this scheme."""
    return host in settings.IMAGE_REGISTRIES and scheme == scheme_of(host)


async def anonymous_token(
    client: httpx.AsyncClient, challenge: Challenge, reference: ImageReference
) -> str:
    """Fetch a pull token from the host that the registry names, if that is listed too."""
    said = challenge.parameters
    scheme, host = realm_of(challenge)
    if not is_listed(scheme, host):
        where = f"{scheme}://{host}"[:100]
        raise unresolved(
            Message("The registry wants a token from %(where)s, which is not listed.", where=where)
        )
    scope = f"repository:{reference.repository}:pull"
    query = {"service": said.get("service", ""), "scope": scope}
    # Merged into the address: parameters passed separately would replace those of the realm.
    address = httpx.URL(said["realm"]).copy_merge_params(query)
    async with client.stream("GET", address) as answer:
        refuse_retryable(answer, host)
        body = await beginning_of(answer)
    try:
        found = msgspec.json.decode(body, type=Token)
    except (msgspec.DecodeError, RecursionError):
        found = Token()
    token = found.token or found.access_token
    if not token:
        raise unresolved(
            Message(
                "%(host)s answered %(status)s and no token.", host=host, status=answer.status_code
            )
        )
    return token


async def beginning_of(answer: httpx.Response) -> bytes:
    """Read what may be a token, without decompressing it; a longer answer is none."""
    body = b""
    async for chunk in answer.aiter_raw():
        body += chunk
        if len(body) > LONGEST_TOKEN_ANSWER:
            break
    return body


def refuse_retryable(answer: httpx.Response, host: str) -> None:
    """Refuse an answer that says to try again; any other is about what was asked."""
    status = answer.status_code
    if status >= 400 and meaning_of(status) is not Answer.REFUSED:
        raise unanswered(
            Message("The registry %(registry)s answered %(status)s.", registry=host, status=status)
        )


def digest_in(answer: httpx.Response, reference: ImageReference) -> str:
    """Return the digest that a registry's answer states."""
    registry, status = reference.registry, answer.status_code
    refuse_retryable(answer, registry)
    if status in (401, 403):
        raise unresolved(
            Message(
                "The registry %(registry)s demands credentials; tags are asked without.",
                registry=registry,
            )
        )
    if status == 404:
        image = f"{reference.repository}:{reference.tag or 'latest'}"
        raise unresolved(
            Message("The registry %(registry)s has no %(image)s.", registry=registry, image=image)
        )
    if answer.is_redirect:
        raise unresolved(
            Message(
                "The registry %(registry)s redirects elsewhere, which is not followed.",
                registry=registry,
            )
        )
    content_type = answer.headers.get("Content-Type", "").partition(";")[0].strip()
    if status != 200 or content_type not in MANIFEST_TYPES:
        raise unresolved(
            Message(
                "The registry %(registry)s answered %(status)s with content type '%(type)s', which "
                "is no image manifest.",
                registry=registry,
                status=status,
                type=content_type[:100],
            )
        )
    digest: str = answer.headers.get("Docker-Content-Digest", "")
    if not DIGEST.fullmatch(digest):
        raise unresolved(
            Message(
                "The registry %(registry)s does not state the manifest's SHA-256 digest.",
                registry=registry,
            )
        )
    return digest


def scheme_of(registry: str) -> str:
    """Return the scheme to use with a registry; the operator lists those without TLS."""
    return "http" if registry in settings.INSECURE_REGISTRIES else "https"


@cache
def trusted_authorities() -> ssl.SSLContext:
    """Load, once, the authorities whose certificates are accepted."""
    return httpx.create_ssl_context()


def unresolved(why: Message) -> Invalid:
    """Return the refusal of a tag, saying what would work."""
    return Invalid(
        Message("%(why)s Give the image with its digest: name@sha256:….", why=why),
        pointer="/image",
        reason=Reason.IMAGE_NOT_RESOLVED,
    )


def unanswered(why: Message) -> Unavailable:
    """Return the refusal of a tag that may be resolved later."""
    return Unavailable(
        Message("%(why)s Try again, or give the image with its digest: name@sha256:….", why=why),
        reason=Reason.IMAGE_NOT_RESOLVED,
    )
