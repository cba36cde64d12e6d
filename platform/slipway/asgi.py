"""The ASGI application: REST, the event stream and the built dashboard."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "apps"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "slipway.settings")  # noqa: TID251

from django.core.asgi import get_asgi_application

application = get_asgi_application()
