"""A kubeconfig is read by an allow-list; everything else is refused with a sentence."""

import textwrap
from base64 import b64encode
from typing import Any

import pytest
import yaml

from clusters.client import ClusterClient
from clusters.errors import ClusterForbidden
from clusters.kubeconfig import ClusterAccess, parse_kubeconfig
from core.errors import Invalid
from core.reasons import Reason
from tests.clusters.certificates import certificate_pem, key_pem

SECRET = "a-secret-token"


def base64(text: str) -> str:
    return b64encode(text.encode()).decode()


CA, CERTIFICATE, KEY = certificate_pem("ca"), certificate_pem("admin"), key_pem("admin")
CERTIFIED = {
    "client-certificate-data": base64(CERTIFICATE),
    "client-key-data": base64(KEY),
}


def document(cluster: Any = None, user: Any = None, **other: Any) -> dict[str, Any]:
    """Return a kubeconfig that is accepted, with other fields for its cluster or user."""
    cluster = {"server": "https://k8s.example.com:6443", **(cluster or {})}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u", "namespace": "n"}}],
        "clusters": [{"name": "k", "cluster": cluster}],
        "users": [{"name": "u", "user": {"token": SECRET} if user is None else user}],
        **other,
    }


def parse(document: dict[str, Any]) -> ClusterAccess:
    return parse_kubeconfig(yaml.safe_dump(document))


@pytest.mark.parametrize(
    ("given", "access"),
    [
        pytest.param(document(), {"token": SECRET}, id="token"),
        pytest.param(
            document({"certificate-authority-data": base64(CA), "tls-server-name": "kubernetes"}),
            {"token": SECRET, "ca": CA, "tls_server_name": "kubernetes"},
            id="certificate authority",
        ),
        pytest.param(
            document(user=CERTIFIED),
            {"client_certificate": CERTIFICATE, "client_key": KEY},
            id="client certificate",
        ),
        pytest.param(
            document({"certificate-authority-data": "\n".join(textwrap.wrap(base64(CA), 64))}),
            {"token": SECRET, "ca": CA},
            id="base64 in lines",
        ),
        pytest.param(document(user={"token": f"{SECRET}\n"}), {"token": SECRET}, id="line end"),
        pytest.param(document(preferences={"colors": True}), {"token": SECRET}, id="preferences"),
        *(
            pytest.param(document({name: value}), {"token": SECRET}, id=f"cluster {name} {value}")
            for name, value in [
                ("insecure-skip-tls-verify", False),
                ("insecure-skip-tls-verify", None),
                ("proxy-url", ""),
                ("certificate-authority", ""),
                ("certificate-authority-data", None),
                ("tls-server-name", None),
                ("disable-compression", True),
                ("disable-compression", False),
                ("extensions", None),
                ("something-new", {}),
            ]
        ),
        *(
            pytest.param(
                document(user={"token": SECRET, name: value}),
                {"token": SECRET},
                id=f"user {name} {value}",
            )
            for name, value in [
                ("exec", None),
                ("auth-provider", {}),
                ("tokenFile", ""),
                ("client-certificate", ""),
                ("client-key-data", None),
                ("username", ""),
                ("password", ""),
                ("as", ""),
                ("as-groups", []),
                ("as-user-extra", {}),
            ]
        ),
    ],
)
def test_inline_fields_are_read(given, access):
    assert parse(given) == ClusterAccess(server="https://k8s.example.com:6443", **access)


EXTENSIONS = [{"name": "cluster_info", "extension": {"provider": "p", "version": "1"}}]


def exec_user(command: str, **other: Any) -> dict[str, Any]:
    version = "client.authentication.k8s.io/v1beta1"
    return {"exec": {"apiVersion": version, "command": command, "args": ["token"], **other}}


@pytest.mark.parametrize(
    ("cluster", "user"),
    [
        pytest.param({"server": "https://127.0.0.1:40123"}, CERTIFIED, id="kind"),
        pytest.param(
            {"server": "https://127.0.0.1:6443"},
            {**CERTIFIED, "client-certificate-data": base64(CERTIFICATE + CA)},
            id="k3s: the certificate with its authority",
        ),
        pytest.param({"server": "https://10.0.0.10:6443"}, CERTIFIED, id="kubeadm"),
        pytest.param(
            {"server": "https://s-dns-1a2b.hcp.westeurope.azmk8s.io:443"},
            {**CERTIFIED, "token": "0123456789abcdef"},
            id="AKS: a certificate and a token",
        ),
        pytest.param(
            {"server": "https://rancher.example.com/k8s/clusters/c-m-1a2b3c4d"},
            {"token": "kubeconfig-user-1a2b3c:0123456789"},
            id="Rancher",
        ),
        pytest.param(
            {"server": "https://api.ocp.example.com:6443", "insecure-skip-tls-verify": False},
            {"token": "sha256~0123456789-_"},
            id="OpenShift",
        ),
        pytest.param(
            {"server": "https://192.168.49.2:8443", "extensions": EXTENSIONS},
            CERTIFIED,
            id="minikube with its files embedded",
        ),
        pytest.param(
            {"server": "https://1A2B.gr7.eu-west-1.eks.amazonaws.com", "proxy-url": ""},
            {"token": SECRET, "exec": None, "username": "", "password": ""},
            id="EKS with the token of a ServiceAccount",
        ),
    ],
)
def test_inline_kubeconfigs_are_read_as_the_tools_write_them(cluster, user):
    given = document({"certificate-authority-data": base64(CA), **cluster}, user)
    access = parse({**given, "preferences": {}, "current-context": "c"})
    assert (access.server, access.ca) == (cluster["server"], CA)


@pytest.mark.parametrize(
    ("cluster", "user", "sentence"),
    [
        pytest.param({}, exec_user("aws", env=None), "Make a ServiceAccount", id="EKS"),
        pytest.param(
            {},
            exec_user("gke-gcloud-auth-plugin", installHint="Install", provideClusterInfo=True),
            "Make a ServiceAccount",
            id="GKE",
        ),
        pytest.param(
            {},
            {"auth-provider": {"name": "gcp", "config": {"cmd-path": "/usr/bin/gcloud"}}},
            "Make a ServiceAccount",
            id="GKE, old",
        ),
        pytest.param({}, exec_user("kubelogin"), "Make a ServiceAccount", id="AKS with Entra"),
        pytest.param(
            {"certificate-authority": "/home/x/.minikube/ca.crt"},
            {"client-certificate": "/home/x/client.crt", "client-key": "/home/x/client.key"},
            "`kubectl config view --raw --flatten`",
            id="minikube",
        ),
        pytest.param(
            {"insecure-skip-tls-verify": True},
            {"token": "sha256~0123"},
            "Give its certificate-authority-data",
            id="OpenShift without its authority",
        ),
    ],
)
def test_other_kubeconfigs_are_refused_with_what_to_do_instead(cluster, user, sentence):
    with pytest.raises(Invalid) as refusal:
        parse(document(cluster, user))
    assert sentence in str(refusal.value.message)


def test_the_current_one_of_two_contexts_is_read():
    two = document()
    two["contexts"].append({"name": "d", "context": {"cluster": "l", "user": "u"}})
    two["clusters"].append({"name": "l", "cluster": {"server": "https://other.example.com/k8s/"}})
    with pytest.raises(Invalid, match="several contexts and no current-context"):
        parse(two)
    assert parse({**two, "current-context": "d"}).server == "https://other.example.com/k8s"
    with pytest.raises(Invalid, match="no context named 'e'"):
        parse({**two, "current-context": "e"})


def test_what_other_contexts_name_is_not_looked_at():
    two = document(**{"current-context": "c"})
    two["users"].append({"name": "x", "user": {"exec": {"command": "sh"}}})
    assert parse(two).token == SECRET


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        *(
            pytest.param(
                document({name: value}), f"Its cluster uses '{name}'. {why}", id=f"{name} {value}"
            )
            for name, value, why in [
                ("certificate-authority", "/etc/passwd", "It names a file"),
                ("insecure-skip-tls-verify", True, "It would let anybody answer"),
                ("proxy-url", "http://proxy", "It would send credentials through"),
                ("insecure-skip-tls-verify", "false", "It would let anybody answer"),
                ("proxy-url", 0, "It would send credentials through"),
                ("something-new", True, "It is not on the list"),
            ]
        ),
        *(
            pytest.param(document(user={name: value}), f"Its user uses '{name}'. {why}", id=name)
            for name, value, why in [
                ("exec", {"command": "sh"}, "It would run a program"),
                ("auth-provider", {"name": "gcp"}, "It would run a program"),
                ("tokenFile", "/var/run/token", "It names a file"),
                ("client-certificate", "/c", "It names a file"),
                ("client-key", "/k", "It names a file"),
                ("username", "admin", "Kubernetes does not support basic"),
                ("password", "admin", "Kubernetes does not support basic"),
                ("as", "system:admin", "It would impersonate somebody else"),
                ("as-groups", ["system:masters"], "It would impersonate somebody else"),
                ("impersonate", "system:admin", "It is not on the list"),
            ]
        ),
        *(
            pytest.param(document({"server": server}), "not an https:// address", id=str(server))
            for server in [
                None,
                5,
                "",
                "http://k8s.example.com",
                "https://",
                "https://admin:secret@k8s.example.com",
                "https://:secret@k8s.example.com",
                "https://[::1",
                "https://k8s.example.com:99999",
                "https://k8s.example.com:0",
                "https://k8s .example.com",
                "https://k8s.example.com/\n",
                "https://k8s.example.com/" + "x" * 255,
            ]
        ),
        pytest.param(document({"server": "https://k?x=1"}), "a query or a fragment", id="query"),
        pytest.param(document(user={}), "no token and no client certificate", id="nobody"),
        pytest.param(document(user={"token": 5}), "Its token is malformed", id="number"),
        pytest.param(document(user={"token": "a\nb: c"}), "Its token is malformed", id="header"),
        pytest.param(document(user={"token": "тoken"}), "Its token is malformed", id="letters"),
        pytest.param(
            document({"tls-server-name": "a b"}), "Its tls-server-name is malformed", id="name"
        ),
        *(
            pytest.param(
                document({"certificate-authority-data": data}),
                "Its certificate-authority-data is not base64 of a PEM text",
                id=what,
            )
            for what, data in {
                "no base64": "%%%",
                "no PEM": base64("hello"),
                "PEM of nothing": base64("-----BEGIN CERTIFICATE-----\nAAAA\n"),
                "a key": base64(KEY),
            }.items()
        ),
        pytest.param(
            document(
                user={**CERTIFIED, "client-key-data": base64(key_pem("a", has_password=True))}
            ),
            "Its client-key-data is not base64 of a PEM text that can be used",
            id="key with a password",
        ),
        pytest.param(
            document(user={**CERTIFIED, "client-key-data": base64(key_pem("other"))}),
            "does not belong to its client certificate",
            id="another's key",
        ),
        pytest.param(
            document(user={"token": SECRET, "client-key-data": base64(KEY)}),
            "belong together",
            id="key alone",
        ),
        pytest.param(document(kind="Secret"), "not a document of kind Config", id="other kind"),
        pytest.param(document(contexts={}), "no list of contexts", id="no list"),
        pytest.param(document(clusters=[]), "no cluster named 'k'", id="no cluster"),
        pytest.param(document(users=["u"]), "no list of users", id="no entries"),
        pytest.param(document(preferences="x" * 65_536), "larger than 64 KiB", id="large"),
    ],
)
def test_anything_else_is_refused_with_a_sentence_that_repeats_no_secret(given, sentence):
    with pytest.raises(Invalid) as refusal:
        parse(given)
    assert sentence in str(refusal.value.message)
    assert refusal.value.reason is Reason.KUBECONFIG_REFUSED
    assert refusal.value.errors[0]["pointer"] == "/kubeconfig"
    assert SECRET not in str(refusal.value.message)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "just text",
        "- a list",
        "a: [",
        "a: &x 1\nb: *x",
        "a: !!python/object/apply:os.system [id]",
        "a: 2001-99-99",
        "a: 0b_",
        f"a: {'1' * 5000}",
        "[" * 5000,
    ],
)
def test_what_is_no_plain_document_is_refused(text):
    with pytest.raises(Invalid, match="This kubeconfig is refused"):
        parse_kubeconfig(text)


def test_a_client_whose_certificate_does_not_load_is_an_error_of_the_cluster():
    access = ClusterAccess(
        server="https://127.0.0.1:1",
        client_certificate=CERTIFICATE,
        client_key=key_pem("admin", has_password=True),
    )
    with pytest.raises(ClusterForbidden, match="client certificate cannot be used"):
        ClusterClient(access)
