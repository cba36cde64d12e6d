"""A user's kubeconfig, parsed into an allow-list of inline fields.

The client library's own loader would run `exec` plugins and read files on this server, so it is
never given a user's document.
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec
import yaml
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificates

from core.destinations import DENIED, is_denied
from core.errors import Invalid
from core.messages import Message
from core.reasons import Reason

LARGEST_BYTES = 65_536
LONGEST_SERVER = 255
# What a header, or a certificate's name, may contain.
PRINTABLE = re.compile(r"[!-~]+", re.ASCII)
HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?", re.ASCII)
# `disable-compression` changes how answers travel, not what is trusted.
CLUSTER_FIELDS = {
    "server",
    "certificate-authority-data",
    "tls-server-name",
    "disable-compression",
    "extensions",
}
USER_FIELDS = {"token", "client-certificate-data", "client-key-data", "extensions"}
# Values that kubectl treats as if the field were absent.
SAYS_NOTHING: tuple[object, ...] = (None, False, "", {}, [])
NAMES_A_FILE = Message(
    "It names a file. Give its content instead, as `kubectl config view --raw --flatten` writes it."
)
NEEDS_A_PROGRAM = Message(
    "It would run a program on our server. Make a ServiceAccount for Slipway and give its token."
)
NO_PASSWORDS = Message(
    "Kubernetes does not support basic authentication. "
    "Make a ServiceAccount for Slipway and give its token."
)
NO_OTHER_IDENTITY = Message(
    "It would impersonate somebody else. Give credentials of Slipway's own."
)
WHY_NOT = {
    "exec": NEEDS_A_PROGRAM,
    "auth-provider": NEEDS_A_PROGRAM,
    "insecure-skip-tls-verify": Message(
        "It would let anybody answer for the cluster. "
        "Give its certificate-authority-data, or a tls-server-name, instead."
    ),
    "proxy-url": Message(
        "It would send credentials through a third party. "
        "Give an address that can be reached from here."
    ),
    "tokenFile": NAMES_A_FILE,
    "certificate-authority": NAMES_A_FILE,
    "client-certificate": NAMES_A_FILE,
    "client-key": NAMES_A_FILE,
    "username": NO_PASSWORDS,
    "password": NO_PASSWORDS,
    "as": NO_OTHER_IDENTITY,
    "as-uid": NO_OTHER_IDENTITY,
    "as-groups": NO_OTHER_IDENTITY,
    "as-user-extra": NO_OTHER_IDENTITY,
}
NOT_LISTED = Message("It is not on the list of fields we accept.")


class ClusterAccess(msgspec.Struct, frozen=True):
    """How to reach a cluster and who we are there: PEM texts and a token, nothing else."""

    server: str
    ca: str = ""
    token: str = ""
    client_certificate: str = ""
    client_key: str = ""
    tls_server_name: str = ""


def parse_kubeconfig(text: str) -> ClusterAccess:
    """Return the access that a kubeconfig's current context describes.

    Raises:
        Invalid: malformed, or with a field outside the allow-list.
    """
    document = load(text)
    context = current_context(document)
    cluster = entry_named(document, "clusters", "cluster", context.get("cluster"))
    user = entry_named(document, "users", "user", context.get("user"))
    refuse_others(cluster, CLUSTER_FIELDS, "cluster")
    refuse_others(user, USER_FIELDS, "user")
    access = ClusterAccess(
        server=https_server(cluster.get("server")),
        ca=pem(cluster, "certificate-authority-data", load_pem_x509_certificates),
        token=text_of(user, "token", PRINTABLE),
        client_certificate=pem(user, "client-certificate-data", load_pem_x509_certificates),
        client_key=pem(user, "client-key-data", load_key),
        tls_server_name=text_of(cluster, "tls-server-name", HOST_NAME),
    )
    if bool(access.client_certificate) != bool(access.client_key):
        raise invalid(Message("A client certificate and its key belong together."))
    if not access.token and not access.client_certificate:
        raise invalid(Message("It has no token and no client certificate with key."))
    refuse_foreign_key(access)
    return access


def load_key(pem: bytes) -> Any:
    """Load a private key that needs no password."""
    return load_pem_private_key(pem, password=None)


def refuse_foreign_key(access: ClusterAccess) -> None:
    """Refuse a key that is not the client certificate's: TLS would fail at every connection."""
    if access.client_key:
        certificate = load_pem_x509_certificates(access.client_certificate.encode())[0]
        if certificate.public_key() != load_key(access.client_key.encode()).public_key():
            raise invalid(Message("Its client key does not belong to its client certificate."))


def load(text: str) -> Mapping[str, Any]:
    """Parse the YAML document; refuse one that could blow up or is not a mapping."""
    if len(text.encode()) > LARGEST_BYTES:
        raise invalid(Message("It is larger than %(most)s KiB.", most=LARGEST_BYTES // 1024))
    try:
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text)):
            raise invalid(Message("It uses YAML aliases."))
        document = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as error:
        # The last two are impossible dates and numbers.
        raise invalid(Message("It is not valid YAML.")) from error
    if not isinstance(document, dict) or document.get("kind", "Config") != "Config":
        raise invalid(Message("It is not a document of kind Config."))
    return document


def current_context(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the context that is current, or the only one."""
    contexts = entries(document, "contexts")
    chosen = document.get("current-context") or (
        contexts[0].get("name") if len(contexts) == 1 else None
    )
    if not chosen:
        raise invalid(Message("It has several contexts and no current-context."))
    return entry_named(document, "contexts", "context", chosen)


def entry_named(
    document: Mapping[str, Any], section: str, key: str, name: object
) -> Mapping[str, Any]:
    """Return one named entry of a section."""
    for entry in entries(document, section):
        if entry.get("name") == name and isinstance(entry.get(key), dict):
            body: Mapping[str, Any] = entry[key]
            return body
    raise invalid(Message("It has no %(key)s named '%(name)s'.", key=key, name=name))


def entries(document: Mapping[str, Any], section: str) -> list[Mapping[str, Any]]:
    """Return a section's entries."""
    found = document.get(section)
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise invalid(Message("It has no list of %(section)s.", section=section))
    return found


def refuse_others(body: Mapping[str, Any], allowed: set[str], what: str) -> None:
    """Refuse the first field that has a meaning and is not on the allow-list."""
    for name, value in body.items():
        if name not in allowed and not says_nothing(value):
            why = WHY_NOT.get(str(name), NOT_LISTED)
            raise invalid(Message("Its %(what)s uses '%(field)s'.", what=what, field=name) + why)


def says_nothing(value: object) -> bool:
    """Return whether a value is as good as an absent field; 0 does not count as False."""
    return any(type(value) is type(nothing) and value == nothing for nothing in SAYS_NOTHING)


def https_server(server: object) -> str:
    """Check the API server's address."""
    not_https = invalid(Message("Its server is not an https:// address."))
    if (
        not isinstance(server, str)
        or not PRINTABLE.fullmatch(server)
        or len(server) > LONGEST_SERVER
    ):
        raise not_https
    try:
        parts = urlsplit(server)
        has_port = parts.port != 0
    except ValueError as error:
        raise not_https from error
    if parts.scheme != "https" or not parts.hostname or not has_port or "@" in parts.netloc:
        raise not_https
    if parts.query or parts.fragment:
        raise invalid(Message("Its server has a query or a fragment."))
    if is_denied(parts.hostname):
        raise invalid(DENIED)
    return parts.geturl().rstrip("/")


def pem(body: Mapping[str, Any], field: str, load: Callable[[bytes], object]) -> str:
    """Decode an inline PEM text, and check that it holds what it should."""
    encoded = text_of(body, field)
    if not encoded:
        return ""
    try:
        decoded = base64.b64decode("".join(encoded.split()), validate=True)
        load(decoded)
        return decoded.decode("ascii")
    except (binascii.Error, ValueError, TypeError, UnsupportedAlgorithm) as error:
        # A key with a password is a TypeError.
        raise invalid(
            Message("Its %(field)s is not base64 of a PEM text that can be used.", field=field)
        ) from error


def text_of(body: Mapping[str, Any], field: str, shape: re.Pattern[str] | None = None) -> str:
    """Return a text field, or an empty string when it is absent."""
    value = body.get(field)
    value = "" if value is None else value
    text = value.strip() if isinstance(value, str) else None
    if text is None or (text and shape and not shape.fullmatch(text)):
        raise invalid(Message("Its %(field)s is malformed.", field=field))
    return text


def invalid(why: Message) -> Invalid:
    """Say why a kubeconfig is refused, without repeating any of it."""
    return Invalid(
        Message("This kubeconfig is refused. %(why)s", why=why),
        pointer="/kubeconfig",
        reason=Reason.KUBECONFIG_REFUSED,
    )
