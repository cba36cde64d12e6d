"""Routes of pages that join several apps."""

from django.urls import path

from overview.audit import AuditEventViewSet
from overview.views import (
    AttentionViewSet,
    NodeOverviewViewSet,
    ProjectOverviewViewSet,
    SearchViewSet,
    VersionOverviewViewSet,
)
from projects.urls import PROJECT
from registry.urls import MODEL

urlpatterns = [
    path("attention", AttentionViewSet.as_view({"get": "retrieve"})),
    path("search", SearchViewSet.as_view({"get": "retrieve"})),
    path("projects", ProjectOverviewViewSet.as_view({"get": "list", "post": "create"})),
    path(
        PROJECT,
        ProjectOverviewViewSet.as_view(
            {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
        ),
    ),
    path(f"{MODEL}/versions", VersionOverviewViewSet.as_view({"get": "list", "post": "create"})),
    path(f"{MODEL}/versions/<str:version>", VersionOverviewViewSet.as_view({"get": "retrieve"})),
    path("fleet/nodes", NodeOverviewViewSet.as_view({"get": "list"})),
    path("audit-events", AuditEventViewSet.as_view({"get": "list"})),
]
