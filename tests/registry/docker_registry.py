"""A real registry on loopback, and pushing to it over its HTTP API.

Source: the OCI distribution specification, pushing blobs and manifests
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from embedded.ports import answers, free_port
from embedded.process import Process, running
from tests import debian

PROGRAM = "docker-registry"
PACKAGES = {PROGRAM: "/usr/bin/docker-registry"}
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG, LAYER = "application/vnd.oci.image.config.v1+json", "application/vnd.oci.image.layer.v1.tar"
# `ci` with the password `secret`.
HTPASSWD = "ci:$2b$04$rxR/PWi/YO7eWM9p7hOJn.4caYb6LO1c.pyuUWBcm0xSBlDsfzuYC\n"


class DockerRegistry:
    """Where a registry listens; pushes tiny images."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.host = f"127.0.0.1:{port}"
        self.http = httpx.Client(base_url=f"http://{self.host}/v2/", trust_env=False)

    def push_image(self, name: str, tag: str, *, architecture: str = "amd64") -> str:
        """Push an image of one small layer; return its digest."""
        config = {"architecture": architecture, "os": "linux", "rootfs": {"type": "layers"}}
        body = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": self.push_blob(name, CONFIG, json.dumps(config).encode()),
            "layers": [self.push_blob(name, LAYER, f"{name}:{tag}".encode())],
        }
        return self.push_manifest(name, tag, body)

    def push_index(self, name: str, tag: str, architectures: tuple[str, ...]) -> str:
        """Push an image for several architectures; return the digest of them together."""
        images = {a: self.push_image(name, f"{tag}-{a}", architecture=a) for a in architectures}
        manifests = [
            {
                "mediaType": MANIFEST,
                "digest": digest,
                "size": len(self.manifest(name, digest)),
                "platform": {"os": "linux", "architecture": architecture},
            }
            for architecture, digest in images.items()
        ]
        body = {"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests}
        return self.push_manifest(name, tag, body)

    def push_blob(self, name: str, media_type: str, content: bytes) -> dict[str, Any]:
        """Upload a blob at once; return its descriptor."""
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        place = self.http.post(f"{name}/blobs/uploads/").raise_for_status().headers["Location"]
        url = httpx.URL(place).copy_merge_params({"digest": digest})
        self.http.put(url, content=content).raise_for_status()
        return {"mediaType": media_type, "digest": digest, "size": len(content)}

    def push_manifest(self, name: str, tag: str, body: dict[str, Any]) -> str:
        """Put a manifest under a tag; return its digest."""
        content, headers = json.dumps(body).encode(), {"Content-Type": body["mediaType"]}
        self.http.put(
            f"{name}/manifests/{tag}", content=content, headers=headers
        ).raise_for_status()
        return f"sha256:{hashlib.sha256(content).hexdigest()}"

    def manifest(self, name: str, digest: str) -> bytes:
        """Read a manifest back."""
        answer = self.http.get(f"{name}/manifests/{digest}", headers={"Accept": MANIFEST})
        return answer.raise_for_status().content


@contextmanager
def docker_registry(folder: Path, *, is_private: bool = False) -> Iterator[DockerRegistry]:
    """Run a registry for the length of a block; a private one demands a password."""
    if reason := debian.why_not(PACKAGES):
        pytest.skip(f"no registry here: {reason}")
    debian.install(PACKAGES)
    folder.mkdir()
    port = free_port(())
    config: dict[str, Any] = {
        "version": "0.1",
        "log": {"level": "error"},
        "storage": {"filesystem": {"rootdirectory": str(folder / "data")}},
        "http": {"addr": f"127.0.0.1:{port}", "secret": "only-for-this-run"},
    }
    if is_private:
        (folder / "htpasswd").write_text(HTPASSWD)
        config["auth"] = {"htpasswd": {"realm": "private", "path": str(folder / "htpasswd")}}
    (folder / "config.json").write_text(json.dumps(config))
    argv = (PACKAGES[PROGRAM], "serve", str(folder / "config.json"))
    with running(Process(PROGRAM, argv, lambda: answers(port)), logs=folder):
        registry = DockerRegistry(port)
        with registry.http:
            yield registry
