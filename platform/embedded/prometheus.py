"""Prometheus, which scrapes the simulated nodes and Slipway itself."""

import json
import urllib.request
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from embedded.process import Process
from embedded.tools import GO_MODULE, Tools

RULES = GO_MODULE.parent / "prometheus"
SCRAPE_INTERVAL = "5s"


def prometheus(
    tools: Tools, home: Path, port: int, scrape_configs: list[dict[str, Any]]
) -> Process:
    """Describe a server with our recording rules and alerts."""
    home.mkdir(parents=True, exist_ok=True)
    config = {
        "global": {"scrape_interval": SCRAPE_INTERVAL, "evaluation_interval": SCRAPE_INTERVAL},
        "rule_files": [str(RULES / "*.yml")],
        "scrape_configs": scrape_configs,
    }
    # JSON is valid YAML.
    file = home / "prometheus.yml"
    file.write_text(json.dumps(config, indent=1))
    return Process(
        name="prometheus",
        argv=(
            tools.path("prometheus"),
            f"--config.file={file}",
            f"--storage.tsdb.path={home / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--storage.tsdb.retention.time=8d",
            "--log.level=warn",
        ),
        is_ready=lambda: answers_ready(port),
    )


def slipway(web_ports: Iterable[int]) -> list[dict[str, Any]]:
    """Return the scrape configuration of each web process's metrics, which our alerts use."""
    target = {"targets": [f"127.0.0.1:{port}" for port in web_ports]}
    return [{"job_name": "slipway", "scrape_interval": "15s", "static_configs": [target]}]


def answers_ready(port: int) -> bool:
    """Return whether queries are served: it listens before its storage is open."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def simulated_nodes(kwok_port: int) -> list[dict[str, Any]]:
    """Return the scrape configuration that finds every simulated node's metrics."""
    discovery = {"url": f"http://127.0.0.1:{kwok_port}/discovery/prometheus"}
    return [
        {
            "job_name": "simulated-nodes",
            "honor_labels": True,
            "http_sd_configs": [{**discovery, "refresh_interval": "10s"}],
            "relabel_configs": [
                {"source_labels": ["__metrics_path__"], "target_label": "metrics_path"}
            ],
        }
    ]
