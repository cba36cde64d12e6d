"""`manage.py auditverify`: is the audit what was written, from its first row to its last?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.chain import links, verify


class Command(BaseCommand):
    help = (
        "Hash every audit row again. Exits 1 and names the first row that was changed, removed or "
        "put in. Keep what it writes: --keeps then tells whether the end was cut off since."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--keeps", metavar="DIGEST", help="a digest that it wrote before")

    def handle(self, *args: Any, **options: Any) -> None:
        verdict = verify()
        if verdict.broken:
            raise CommandError(f"{verdict.broken} The {verdict.rows} rows before it hold.")
        kept = options["keeps"]
        if kept and not any(link.digest.hex() == kept for link in links()):
            raise CommandError(f"No row has the digest {kept}: rows that were there are gone.")
        self.stdout.write(f"{verdict.rows} rows hold. The last has the digest {verdict.digest}.")
