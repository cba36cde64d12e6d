"""A real Kubernetes control plane on loopback: etcd, API server, controllers and scheduler."""

import base64
import json
import secrets
import signal
import ssl
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from embedded.ports import Ports, answers
from embedded.process import Process
from embedded.tools import Tools

# The controllers' own limit of 20 requests a second would throttle rollouts to about 5 a second.
CONTROLLER_FLAGS = (
    "--kube-api-qps=500",
    "--kube-api-burst=1000",
    "--concurrent-deployment-syncs=50",
    "--concurrent-replicaset-syncs=50",
)
SERVICE_RANGE = "10.96.0.0/16"


@dataclass(frozen=True)
class ControlPlane:
    """The parts of one control plane, in the order in which they can start."""

    tools: Tools
    home: Path
    ports: Ports
    extra_apiserver_flags: tuple[str, ...] = ()
    token: str = field(init=False)

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        object.__setattr__(self, "token", self.kept_token())
        self.keep_service_account_key()

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.ports.take_once('apiserver')}"

    @property
    def certificate(self) -> Path:
        return self.home / "pki" / "apiserver.crt"

    @property
    def kubeconfig(self) -> Path:
        return self.home / "kubeconfig"

    def etcd(self) -> Process:
        """Describe etcd; a development cluster's data need not survive a power cut."""
        client, peer = self.ports.take_once("etcd"), self.ports.take_once("etcd-peer")
        urls = f"http://127.0.0.1:{client}"
        peers = f"http://127.0.0.1:{peer}"
        return Process(
            name="etcd",
            argv=(
                self.tools.path("etcd"),
                f"--data-dir={self.home / 'etcd'}",
                f"--listen-client-urls={urls}",
                f"--advertise-client-urls={urls}",
                f"--listen-peer-urls={peers}",
                f"--initial-advertise-peer-urls={peers}",
                f"--initial-cluster=default={peers}",
                "--unsafe-no-fsync",
                "--log-level=warn",
            ),
            is_ready=lambda: answers(client),
        )

    def apiserver(self) -> Process:
        """Describe the API server; it makes its own certificate."""
        key = self.home / "service-account.key"
        return Process(
            name="apiserver",
            argv=(
                self.tools.path("kube-apiserver"),
                f"--etcd-servers=http://127.0.0.1:{self.ports.take_once('etcd')}",
                f"--secure-port={self.ports.take_once('apiserver')}",
                "--bind-address=127.0.0.1",
                f"--cert-dir={self.home / 'pki'}",
                f"--service-account-key-file={key}",
                f"--service-account-signing-key-file={key}",
                "--service-account-issuer=https://kubernetes.default.svc",
                f"--token-auth-file={self.home / 'tokens.csv'}",
                "--authorization-mode=Node,RBAC",
                f"--service-cluster-ip-range={SERVICE_RANGE}",
                "--allow-privileged=true",
                "--endpoint-reconciler-type=none",
                # The names of simulated nodes lead nowhere.
                "--kubelet-preferred-address-types=InternalIP",
                "--event-ttl=2h",
                *self.extra_apiserver_flags,
            ),
            is_ready=self.answers_ready,
            # It has no state, and would wait for an etcd that is stopping too.
            stop_signal=signal.SIGKILL,
        )

    def controller_manager(self) -> Process:
        """Describe the controllers."""
        return Process(
            name="controllers",
            argv=(
                self.tools.path("kube-controller-manager"),
                f"--kubeconfig={self.kubeconfig}",
                f"--service-account-private-key-file={self.home / 'service-account.key'}",
                "--leader-elect=false",
                "--secure-port=0",
                f"--flex-volume-plugin-dir={self.home / 'volume-plugins'}",
                *CONTROLLER_FLAGS,
            ),
        )

    def scheduler(self) -> Process:
        """Describe the scheduler."""
        return Process(
            name="scheduler",
            argv=(
                self.tools.path("kube-scheduler"),
                f"--kubeconfig={self.kubeconfig}",
                "--leader-elect=false",
                "--secure-port=0",
                "--kube-api-qps=500",
                "--kube-api-burst=1000",
            ),
        )

    def processes(self) -> Iterator[Process]:
        """Yield the parts; each may start when the one before is ready."""
        yield self.etcd()
        yield self.apiserver()
        yield self.controller_manager()
        yield self.scheduler()

    def answers_ready(self) -> bool:
        """Return whether the API server is ready; when it is, write the kubeconfig."""
        if not self.certificate.exists():
            return False
        try:
            with self.open("/readyz", timeout=2) as answer:
                is_ready: bool = answer.status == 200
        except OSError:
            return False
        if is_ready:
            self.write_kubeconfig()
        return is_ready

    def open(self, path: str, *, timeout: float) -> "urllib.request._UrlopenRet":
        """Send a request to the API server as its admin."""
        trusted = ssl.create_default_context(cafile=str(self.certificate))
        request = urllib.request.Request(
            self.url + path, headers={"Authorization": f"Bearer {self.token}"}
        )
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trusted)
        )
        return opener.open(request, timeout=timeout)

    def write_kubeconfig(self) -> None:
        """Write the admin's kubeconfig, self-contained and private."""
        ca = base64.b64encode(self.certificate.read_bytes()).decode()
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "embedded",
            "contexts": [{"name": "embedded", "context": {"cluster": "embedded", "user": "admin"}}],
            "clusters": [
                {
                    "name": "embedded",
                    "cluster": {"server": self.url, "certificate-authority-data": ca},
                }
            ],
            "users": [{"name": "admin", "user": {"token": self.token}}],
        }
        write_private(self.kubeconfig, json.dumps(document, indent=1))

    def kept_token(self) -> str:
        """Return the admin's token, made at the first start."""
        file = self.home / "tokens.csv"
        if not file.exists():
            write_private(file, f"{secrets.token_hex(24)},admin,admin,system:masters\n")
        return file.read_text().split(",")[0]

    def keep_service_account_key(self) -> None:
        """Make the key that signs service accounts' tokens, at the first start."""
        file = self.home / "service-account.key"
        if file.exists():
            return
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        write_private(file, pem.decode())


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner can read."""
    file.touch(mode=0o600, exist_ok=True)
    file.chmod(0o600)
    file.write_text(text)
