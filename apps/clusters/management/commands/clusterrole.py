"""`manage.py clusterrole`: print what our credentials must be allowed to do in a cluster."""

from typing import Any

import yaml
from django.core.management.base import BaseCommand

from clusters.permissions import cluster_role


class Command(BaseCommand):
    help = "Print the ClusterRole of Slipway's own credentials: all that is asked of a cluster."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(yaml.safe_dump(cluster_role(), sort_keys=False), ending="")
