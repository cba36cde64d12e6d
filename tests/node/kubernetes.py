"""The API server as the tests see it, past Slipway."""

import ssl
from typing import Any

import httpx

from embedded.controlplane import ControlPlane


class Kubernetes:
    """Reads and writes objects as the admin."""

    def __init__(self, control_plane: ControlPlane) -> None:
        self.http = httpx.Client(
            base_url=control_plane.url,
            headers={"Authorization": f"Bearer {control_plane.token}"},
            verify=ssl.create_default_context(cafile=str(control_plane.certificate)),
            trust_env=False,
        )

    def __enter__(self) -> "Kubernetes":
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def get(self, path: str) -> dict[str, Any]:
        return self.json("GET", path)

    def create(self, path: str, document: dict[str, Any]) -> dict[str, Any]:
        return self.json("POST", path, json=document)

    def patch(self, path: str, document: dict[str, Any]) -> dict[str, Any]:
        merge = {"Content-Type": "application/merge-patch+json"}
        return self.json("PATCH", path, json=document, headers=merge)

    def json(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        response = self.http.request(method, path, **options)
        assert response.is_success, f"{method} {path}: {response.text}"
        answer: dict[str, Any] = response.json()
        return answer

    def ready_addresses(self, namespace: str, service: str) -> list[str]:
        """Return the pods that a Service sends requests to now, as a load balancer sees them."""
        path = f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices"
        slices = self.get(f"{path}?labelSelector=kubernetes.io/service-name={service}")["items"]
        endpoints = [endpoint for item in slices for endpoint in item["endpoints"] or ()]
        return [e["addresses"][0] for e in endpoints if e["conditions"].get("ready")]

    def pods(self, namespace: str) -> list[str]:
        """Return the names of all pods, also of those that are stopping."""
        items = self.get(f"/api/v1/namespaces/{namespace}/pods")["items"]
        return [pod["metadata"]["name"] for pod in items]

    def is_node_ready(self, name: str) -> bool:
        """Return whether a node has registered and takes pods."""
        response = self.http.get(f"/api/v1/nodes/{name}")
        conditions = response.json().get("status", {}).get("conditions", ())
        return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)
