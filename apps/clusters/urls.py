"""Routes of clusters; those of nodes are in overview, which shows what runs on them."""

from django.urls import path

from clusters.views import ClusterViewSet, FleetSummaryViewSet

urlpatterns = [
    path("clusters", ClusterViewSet.as_view({"get": "list", "post": "create"})),
    path(
        "clusters/<slug:cluster>",
        ClusterViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
    ),
    path("fleet/summary", FleetSummaryViewSet.as_view({"get": "retrieve"})),
]
