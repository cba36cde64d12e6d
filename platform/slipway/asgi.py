"""The ASGI application: REST, the event stream and the built dashboard."""

import os
import sys
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "apps"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "slipway.settings")  # noqa: TID251

from django.conf import settings
from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

# Imports models, which exist only now.
from core.api.bodies import BoundedBodies  # noqa: E402
from core.memory import settle  # noqa: E402

application = BoundedBodies(django_application, limit_bytes=settings.DATA_UPLOAD_MAX_MEMORY_SIZE)

import_module("slipway.urls")
settle()
