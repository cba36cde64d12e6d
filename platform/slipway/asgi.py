"""The ASGI application: REST, the event stream and the built dashboard."""

import os
import sys
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "apps"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "slipway.settings")  # noqa: TID251

import django
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase

django.setup()

# Imports models, which exist only now.
from core.api.bodies import WholeBodies  # noqa: E402
from core.memory import settle  # noqa: E402


class OneThreadHandler(ASGIHandler):
    """Answers a request in one thread: Django would return to the event loop before each view."""

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        return await sync_to_async(self.get_response)(request)


application = WholeBodies(OneThreadHandler(), limit_bytes=settings.DATA_UPLOAD_MAX_MEMORY_SIZE)

import_module("slipway.urls")
settle()
