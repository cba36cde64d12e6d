"""`manage.py servicedefaults`: print the settings of a service that states nothing."""

import json
from typing import Any

import msgspec
from django.core.management.base import BaseCommand

from serving.manifests.spec import Probe
from serving.models import ModelService

PLAIN = ("protocol", "port", "replicas", "progress_deadline_seconds")


class Command(BaseCommand):
    help = "Print the settings of a service that states nothing, as `make schema` keeps them."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(json.dumps(defaults(), indent=2))


def defaults() -> dict[str, Any]:
    """Return the settings by name, and what a probe is that states nothing."""
    service = ModelService()
    probe = msgspec.structs.asdict(Probe())
    return {
        **{name: getattr(service, name) for name in PLAIN},
        "probe": {name: value for name, value in probe.items() if isinstance(value, int)},
    }
