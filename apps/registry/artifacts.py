"""Artefact URIs: parsed once; the stored form is the parsed form. Pure."""

import re
from urllib.parse import urlsplit

from core.errors import Invalid
from core.messages import Message

SCHEMES = ("s3", "gs", "https", "oci", "pvc", "hdfs")
# No fragment, no escapes, no backslash, no control characters: every one of them has been used
# elsewhere to reach a file that the check did not see.
HARMLESS = re.compile(r"[A-Za-z0-9:/._~@!$&'()*+,;=?-]{1,1024}", re.ASCII)
DIGEST = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)


def check_artifact(uri: str, digest: str) -> None:
    """Refuse an artefact that is not named unambiguously.

    Raises:
        Invalid: names the field that is wrong.
    """
    parts = urlsplit(uri)
    if parts.scheme not in SCHEMES:
        raise Invalid(
            Message("Use one of %(schemes)s.", schemes=", ".join(SCHEMES)), pointer="/artifact_uri"
        )
    if not HARMLESS.fullmatch(uri) or not parts.netloc or parts.username is not None:
        raise Invalid(
            Message("Use a plain address without escapes or users."), pointer="/artifact_uri"
        )
    if ".." in parts.path.split("/"):
        raise Invalid(Message("Use a path without '..'."), pointer="/artifact_uri")
    if not DIGEST.fullmatch(digest):
        raise Invalid(
            Message("An artefact needs its digest, sha256:<64 hex digits>."), pointer="/digest"
        )
