"""`manage.py formdefaults`: print what a service and an environment are when nothing is stated."""

import json
from typing import Any

import msgspec
from django.core.management.base import BaseCommand

from projects.manifests import Bounds
from projects.models import BOUNDS
from serving.manifests.spec import Probe
from serving.models import ModelService

PLAIN = ("protocol", "port", "replicas", "progress_deadline_seconds")


class Command(BaseCommand):
    help = "Print what the dashboard's forms begin with, as `make schema` keeps it."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(json.dumps({"service": service(), "bounds": bounds()}, indent=2))


def service() -> dict[str, Any]:
    """Return a service's settings by name, and a probe's."""
    stated = ModelService()
    probe = msgspec.structs.asdict(Probe())
    return {
        **{name: getattr(stated, name) for name in PLAIN},
        "probe": {name: value for name, value in probe.items() if isinstance(value, int)},
    }


def bounds() -> dict[str, dict[str, str]]:
    """Return an environment's bounds by name, each by resource."""
    return {name: getattr(Bounds(), name).canonical() for name in BOUNDS}
