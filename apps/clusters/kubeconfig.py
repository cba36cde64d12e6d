"""A user's kubeconfig, parsed to an allow-list of inline fields.

The client library's own loader would run `exec` plugins and read files of this server, so it is
never given a user's document.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec
import yaml

from core.errors import Invalid
from core.reasons import Reason

LARGEST_BYTES = 65_536
CLUSTER_FIELDS = {"server", "certificate-authority-data", "tls-server-name", "extensions"}
USER_FIELDS = {"token", "client-certificate-data", "client-key-data", "extensions"}
WHY_NOT = {
    "exec": "it would run a command on our server",
    "auth-provider": "it would run a plugin on our server",
    "insecure-skip-tls-verify": "it would let anybody answer for the cluster",
    "proxy-url": "it would send credentials through a third party",
    "tokenFile": "it names a file",
    "certificate-authority": "it names a file",
    "client-certificate": "it names a file",
    "client-key": "it names a file",
    "username": "basic authentication is not supported by Kubernetes",
    "password": "basic authentication is not supported by Kubernetes",
}


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
    cluster = named(document, "clusters", "cluster", context.get("cluster"))
    user = named(document, "users", "user", context.get("user"))
    refuse_others(cluster, CLUSTER_FIELDS, "cluster")
    refuse_others(user, USER_FIELDS, "user")
    access = ClusterAccess(
        server=https_server(cluster.get("server")),
        ca=pem(cluster, "certificate-authority-data"),
        token=text_of(user, "token"),
        client_certificate=pem(user, "client-certificate-data"),
        client_key=pem(user, "client-key-data"),
        tls_server_name=text_of(cluster, "tls-server-name"),
    )
    if not access.token and not (access.client_certificate and access.client_key):
        raise refused("It has no token and no client certificate with key.")
    return access


def load(text: str) -> Mapping[str, Any]:
    """Read the YAML document, refusing what could blow up or is no mapping."""
    if len(text.encode()) > LARGEST_BYTES:
        raise refused(f"It is larger than {LARGEST_BYTES // 1024} KiB.")
    try:
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text)):
            raise refused("It uses YAML aliases.")
        document = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise refused("It is not valid YAML.") from error
    if not isinstance(document, dict) or document.get("kind", "Config") != "Config":
        raise refused("It is not a document of kind Config.")
    return document


def current_context(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the context that is current, or the only one."""
    contexts = entries(document, "contexts")
    chosen = document.get("current-context") or (
        contexts[0].get("name") if len(contexts) == 1 else None
    )
    if not chosen:
        raise refused("It has several contexts and no current-context.")
    return named(document, "contexts", "context", chosen)


def named(document: Mapping[str, Any], section: str, key: str, name: object) -> Mapping[str, Any]:
    """Return one named entry of a section."""
    for entry in entries(document, section):
        if entry.get("name") == name and isinstance(entry.get(key), dict):
            body: Mapping[str, Any] = entry[key]
            return body
    raise refused(f"It has no {key} named {name!r}.")


def entries(document: Mapping[str, Any], section: str) -> list[Mapping[str, Any]]:
    """Return a section's entries."""
    found = document.get(section)
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise refused(f"It has no list of {section}.")
    return found


def refuse_others(body: Mapping[str, Any], allowed: set[str], what: str) -> None:
    """Refuse the first field that is not on the allow-list."""
    for name in body:
        if name not in allowed:
            why = WHY_NOT.get(str(name), "it is not on the list of fields we accept")
            raise refused(f"Its {what} uses {name!r}: {why}.")


def https_server(server: object) -> str:
    """Check the API server's address."""
    parts = urlsplit(server) if isinstance(server, str) else None
    if parts is None or parts.scheme != "https" or not parts.hostname or parts.username:
        raise refused("Its server is not an https:// address.")
    if parts.query or parts.fragment:
        raise refused("Its server has a query or a fragment.")
    return parts.geturl().rstrip("/")


def pem(body: Mapping[str, Any], field: str) -> str:
    """Decode an inline PEM text."""
    encoded = text_of(body, field)
    if not encoded:
        return ""
    try:
        decoded = base64.b64decode(encoded, validate=True).decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise refused(f"Its {field} is not base64 of a PEM text.") from error
    if "-----BEGIN " not in decoded:
        raise refused(f"Its {field} is not base64 of a PEM text.")
    return decoded


def text_of(body: Mapping[str, Any], field: str) -> str:
    """Return a text field, or an empty string when it is absent."""
    value = body.get(field, "")
    if not isinstance(value, str) or any(
        ord(character) < 32 and character not in "\r\n" for character in value
    ):
        raise refused(f"Its {field} is not a text.")
    return value.strip()


def refused(sentence: str) -> Invalid:
    """Say why a kubeconfig is refused, without repeating any of it."""
    return Invalid(
        f"This kubeconfig is refused. {sentence}",
        pointer="/kubeconfig",
        reason=Reason.KUBECONFIG_REFUSED,
    )
