"""The ASGI application: REST, the event stream and the built dashboard."""

import os
import sys
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any, cast

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "apps"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "slipway.settings")  # noqa: TID251

import django
from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.db import connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase

django.setup()

# These import models, which exist only now.
from core.api.bodies import WholeBodies  # noqa: E402
from core.garbage import freeze  # noqa: E402
from core.holding import Endless  # noqa: E402
from live.waits import waits_of_this_loop  # noqa: E402


class OneThreadHandler(ASGIHandler):
    """Makes an answer in one thread; that and its connection have ended before it is sent.

    Django would return to the event loop before each view, and keep both for as long as somebody
    reads the answer: for a stream, that is for ever.
    """

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        # Without the thread that Django keeps for a request from its first byte to its last.
        await self.handle(scope, receive, send)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """Answer; if the answer is held, wait until that is over, then answer without the wait.

        The second time, the caller is authenticated and authorised again.
        """
        response = await self.answer(request)
        hold = getattr(response, "hold", None)
        if hold is None:
            if isinstance(response, Endless):
                # Django keeps the request for as long as its answer.
                vars(request).clear()
            return response
        waits = waits_of_this_loop()
        await waits.until_over(hold)
        async with waits.turns:
            return await self.answer(without_wait(cast(ASGIRequest, request)))

    async def answer(self, request: HttpRequest) -> HttpResponseBase:
        """Answer in a thread, and give its connection back."""
        async with ThreadSensitiveContext():
            return await sync_to_async(self.answer_now)(request)

    def answer_now(self, request: HttpRequest) -> HttpResponseBase:
        try:
            return self.get_response(request)
        finally:
            connections.close_all()


def without_wait(request: ASGIRequest) -> ASGIRequest:
    """Return the same request as if it were new, without its `wait`."""
    asked = request.GET.copy()
    del asked["wait"]
    scope = {**request.scope, "query_string": asked.urlencode().encode()}
    return ASGIRequest(scope, BytesIO())


application = WholeBodies(OneThreadHandler(), limit_bytes=settings.DATA_UPLOAD_MAX_MEMORY_SIZE)

import_module("slipway.urls")
freeze()
