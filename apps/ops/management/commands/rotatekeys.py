"""`manage.py rotatekeys`: encrypt again what an old key encrypted."""

from typing import Any

from django.core.management.base import BaseCommand

from clusters import actions as clusters
from serving.secrets import actions as secrets


class Command(BaseCommand):
    help = (
        "Seal stored credentials and secrets with SLIPWAY_ENCRYPTION_KEY. Afterwards nothing that "
        "is kept for longer than a day needs SLIPWAY_OLD_ENCRYPTION_KEYS."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        credentials, lost_credentials = clusters.reencrypt()
        versions, lost_versions = secrets.reencrypt()
        self.stdout.write(f"{credentials + versions} sealed anew.")
        if lost := ", ".join([*lost_credentials, *lost_versions]):
            self.stderr.write(f"No key that is set opens the credentials or secrets of {lost}.")
            raise SystemExit(1)
