"""Container images: strict references, and the one look at a registry that resolves a tag.

Source: the OCI distribution specification, pulling manifests
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from core.errors import Invalid
from core.reasons import Reason

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
TIMEOUT_SECONDS = 5.0
CHALLENGE = re.compile(r'(\w+)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class ImageReference:
    """An image as people write it; a registry is stated or it is nobody's."""

    registry: str
    repository: str
    tag: str
    digest: str

    @property
    def name(self) -> str:
        return f"{self.registry}/{self.repository}" if self.registry else self.repository

    def pinned(self, digest: str) -> str:
        """Return the reference that never changes."""
        return f"{self.name}@{digest}"


def parse_image(text: str) -> ImageReference:
    """Read an image reference.

    Raises:
        Invalid: it is not one.
    """
    match = REFERENCE.fullmatch(text)
    if match is None or len(text) > 512:
        raise Invalid(f"{text[:80]!r} is not an image reference.", pointer="/image")
    return ImageReference(
        match["registry"] or "", match["repository"], match["tag"] or "", match["digest"] or ""
    )


def pinned_image(text: str) -> str:
    """Return the image by digest; a tag is resolved once, now.

    Raises:
        Invalid: no reference, or a tag that cannot be resolved; says what to do.
    """
    reference = parse_image(text)
    return reference.pinned(reference.digest or resolve(reference))


def resolve(reference: ImageReference) -> str:
    """Ask the reference's registry for the digest of its tag."""
    if reference.registry not in settings.IMAGE_REGISTRIES:
        where = reference.registry or "a registry it does not name"
        raise unresolved(
            f"Tags of {where} are not resolved here: it is not listed in SLIPWAY_IMAGE_REGISTRIES."
        )
    scheme = "http" if reference.registry in settings.INSECURE_REGISTRIES else "https"
    path = f"{reference.repository}/manifests/{reference.tag or 'latest'}"
    url = f"{scheme}://{reference.registry}/v2/{path}"
    try:
        with httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False) as client:
            response = head(client, url, reference)
    except httpx.HTTPError as error:
        raise unresolved(f"The registry {reference.registry} cannot be reached.") from error
    digest: str = response.headers.get("Docker-Content-Digest", "")
    if response.status_code != 200 or not re.fullmatch(r"sha256:[0-9a-f]{64}", digest):
        raise unresolved(
            f"The registry {reference.registry} answered {response.status_code} for this tag."
        )
    return digest


def head(client: httpx.Client, url: str, reference: ImageReference) -> httpx.Response:
    """Ask for a manifest's head, anonymously by token where the registry wants one."""
    headers = {"Accept": ", ".join(MANIFEST_TYPES)}
    response = client.head(url, headers=headers)
    if response.status_code == 401:
        token = anonymous_token(client, response.headers.get("WWW-Authenticate", ""), reference)
        response = client.head(url, headers={**headers, "Authorization": f"Bearer {token}"})
    return response


def anonymous_token(client: httpx.Client, challenge: str, reference: ImageReference) -> str:
    """Fetch a pull token from where the registry says, if that is a listed host too."""
    said = dict(CHALLENGE.findall(challenge))
    realm = urlsplit(said.get("realm", ""))
    if realm.netloc not in settings.IMAGE_REGISTRIES:
        raise unresolved(
            f"The registry wants a token from {realm.netloc or 'nowhere'}, not listed."
        )
    scope = f"repository:{reference.repository}:pull"
    query = {"service": said.get("service", ""), "scope": scope}
    answer = client.get(realm.geturl(), params=query)
    body = answer.json() if answer.status_code == 200 else {}
    return str(body.get("token") or body.get("access_token") or "")


def unresolved(sentence: str) -> Invalid:
    """Refuse a tag, saying what would work."""
    return Invalid(
        f"{sentence} Give the image with its digest: name@sha256:….",
        pointer="/image",
        reason=Reason.IMAGE_NOT_RESOLVED,
    )
