"""All routes."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularJSONAPIView

from slipway.dashboard import dashboard
from slipway.docs import DocsView

API = "api/v1/"

urlpatterns = [
    path(API, include("clusters.urls")),
    path(API, include("projects.urls")),
    path(API, include("registry.urls")),
    path(API, include("serving.urls")),
    path(API, include("usage.urls")),
    path(API, include("live.urls")),
    path(API, include("overview.urls")),
    path(API, include("ops.urls")),
    path("", include("ops.probe_urls")),
    path(f"{API}schema/", SpectacularJSONAPIView.as_view(), name="schema"),
    path("api/docs/", DocsView.as_view(), name="docs"),
    path("_allauth/", include("allauth.headless.urls")),
    # A wrong address of the API stays a 404 of the API; every other one is a page.
    re_path(r"^(?!api/|_allauth/|static/|assets/)(?P<path>.*)$", dashboard, name="dashboard"),
]

handler400 = "core.api.problem.bad_request"
handler403 = "core.api.problem.permission_denied"
handler404 = "core.api.problem.not_found"
handler500 = "core.api.problem.server_error"
