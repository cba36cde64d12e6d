"""Speaking to a running Slipway as CI does: over HTTP, with a token."""

from typing import Any

import httpx

from embedded.demo import Demo


class Api:
    """A caller with a token; every answer is checked against the status that is expected."""

    def __init__(self, demo: Demo, token: str = "") -> None:
        self.http = httpx.Client(
            base_url=f"{demo.url}/api/v1/",
            headers={"Authorization": f"Bearer {token or demo.home.demo()['token']}"},
            timeout=90,
            trust_env=False,
        )

    def get(self, path: str, expect: int = 200, **parameters: Any) -> Any:
        return self.call("GET", path, expect, params=parameters)

    def post(self, path: str, body: Any = None, expect: int = 201, **headers: str) -> Any:
        return self.call("POST", path, expect, json=body or {}, headers=headers)

    def put(self, path: str, body: Any, expect: int = 200) -> Any:
        return self.call("PUT", path, expect, json=body)

    def patch(self, path: str, body: Any, expect: int = 200) -> Any:
        return self.call("PATCH", path, expect, json=body)

    def delete(self, path: str, expect: int = 204) -> Any:
        return self.call("DELETE", path, expect)

    def call(self, method: str, path: str, expect: int, **options: Any) -> Any:
        answer = self.http.request(method, path, **options)
        assert answer.status_code == expect, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def wait(self, rollout: dict[str, Any], *, seconds: int = 60) -> Any:
        """Wait for the end of a rollout."""
        return self.get(f"rollouts/{rollout['id']}", wait=f"{seconds}s")


def image(name: str, digit: str = "a") -> str:
    """An image by digest; one whose name contains `crashing` exits whenever it is started."""
    return f"models.example.com/{name}@sha256:{digit * 64}"
