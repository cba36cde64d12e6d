"""Routes of projects; those of the projects themselves are in overview, with what runs there."""

from django.urls import path

from projects.access import MemberViewSet, MeViewSet, TokenViewSet
from projects.views import EnvironmentViewSet

PROJECT = "projects/<slug:project>"
ENVIRONMENT = f"{PROJECT}/environments/<slug:environment>"

urlpatterns = [
    path("me", MeViewSet.as_view({"get": "retrieve", "patch": "partial_update"})),
    path(f"{PROJECT}/environments", EnvironmentViewSet.as_view({"get": "list", "post": "create"})),
    path(
        ENVIRONMENT,
        EnvironmentViewSet.as_view(
            {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
        ),
    ),
    path(f"{ENVIRONMENT}/quota", EnvironmentViewSet.as_view({"put": "set_quota"})),
    path(f"{PROJECT}/members", MemberViewSet.as_view({"get": "list", "post": "create"})),
    path(
        f"{PROJECT}/members/<str:username>",
        MemberViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
    ),
    path(f"{PROJECT}/tokens", TokenViewSet.as_view({"get": "list", "post": "create"})),
    path(
        f"{PROJECT}/tokens/<uuid:token>",
        TokenViewSet.as_view({"get": "retrieve", "delete": "destroy"}),
    ),
]
