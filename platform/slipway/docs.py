"""The page that documents the API."""

from typing import Any
from urllib.parse import quote

from django.http import HttpResponseRedirect
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.exceptions import NotAuthenticated


class DocsView(SpectacularSwaggerSplitView):
    """Show the document; who has to sign in for it is sent there, and comes back."""

    url_name = "schema"
    # The page cannot describe itself: if OPTIONS asked it to, its renderer would fail.
    http_method_names = ["get", "head"]

    def handle_exception(self, exc: Exception) -> Any:
        if isinstance(exc, NotAuthenticated):
            return HttpResponseRedirect(f"/login?next={quote(self.request.get_full_path())}")
        return super().handle_exception(exc)
