"""`manage.py rotatekeys`: seal anew what was sealed with a key of before."""

from typing import Any

from django.core.management.base import BaseCommand

from clusters.actions import seal_anew


class Command(BaseCommand):
    help = (
        "Seal the stored credentials with SLIPWAY_ENCRYPTION_KEY. Afterwards nothing that is kept "
        "for longer than a day needs SLIPWAY_OLD_ENCRYPTION_KEYS."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        done, unreadable = seal_anew()
        self.stdout.write(f"{done} sealed anew.")
        if unreadable:
            names = ", ".join(unreadable)
            self.stderr.write(f"No key that is set opens the credentials of {names}.")
            raise SystemExit(1)
