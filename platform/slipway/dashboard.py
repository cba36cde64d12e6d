"""The built dashboard: one page for every address that is not the API's."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

NOT_BUILT = "The dashboard is not built here: `make demo` builds it, `make dev` serves it."


@require_safe
def dashboard(_request: HttpRequest, path: str = "") -> HttpResponse:
    """Answer with the page; its scripts and styles are static files with hashed names."""
    page = settings.DASHBOARD / "index.html"
    if not page.exists():
        return HttpResponse(NOT_BUILT, status=503, content_type="text/plain; charset=utf-8")
    return HttpResponse(page.read_bytes(), headers={"Cache-Control": "no-cache"})
