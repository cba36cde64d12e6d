"""Where the embedded stack keeps its state."""

import json
import os
import secrets
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

from embedded.controlplane import write_private
from embedded.ports import Ports

CHECKOUT = Path(__file__).resolve().parents[2]
REPLACEABLE = ("DATABASE_URL", "REDIS_URL", "KUBECONFIG", "PROMETHEUS_URL")


class Home:
    """The folder `.slipway` of the checkout; `SLIPWAY_HOME` moves it."""

    def __init__(self, folder: Path | None = None) -> None:
        chosen = os.environ.get("SLIPWAY_HOME") or CHECKOUT / ".slipway"
        self.folder = Path(folder or chosen).resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        # PostgreSQL runs as a user of its own when we are root, and must reach its folder.
        self.folder.chmod(0o755)
        self.ports = Ports(self.folder / "ports.json")
        self.logs = self.folder / "logs"
        self.logs.mkdir(exist_ok=True)

    @property
    def demo_file(self) -> Path:
        return self.folder / "demo.json"

    def demo(self) -> dict[str, Any]:
        """Return what scripts may know of the running demo."""
        if not self.demo_file.exists():
            return {}
        found: dict[str, Any] = json.loads(self.demo_file.read_text())
        return found

    def write_demo(self, **facts: Any) -> None:
        """Tell scripts how to reach the demo."""
        write_private(self.demo_file, json.dumps({**self.demo(), **facts}, indent=1))

    def secrets(self) -> dict[str, str]:
        """Return the secrets of this home; create those that are missing."""
        file = self.folder / "secrets.json"
        known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
        made = {
            "secret_key": secrets.token_urlsafe(48),
            "encryption_key": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "redis_password": secrets.token_hex(20),
            **known,
        }
        if made != known:
            write_private(file, json.dumps(made))
        return made
