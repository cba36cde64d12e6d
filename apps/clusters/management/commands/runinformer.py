"""`manage.py runinformer`: mirror all clusters until stopped."""

import os
import signal
import socket
from typing import Any

from django.core.management.base import BaseCommand

from clusters.informer import Informer
from core.garbage import freeze


class Command(BaseCommand):
    help = "Mirror nodes, pods, workloads and events of all clusters into the database."

    def handle(self, *args: Any, **options: Any) -> None:
        informer = Informer(f"{socket.gethostname()}-{os.getpid()}")
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: informer.stop.set())
        freeze()
        informer.run()
