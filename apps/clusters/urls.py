"""Routes of clusters and the fleet."""

from django.urls import path

from clusters.views import ClusterViewSet, NodeViewSet

urlpatterns = [
    path("clusters", ClusterViewSet.as_view({"get": "list", "post": "create"})),
    path(
        "clusters/<slug:cluster>",
        ClusterViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
    ),
    path("fleet/nodes", NodeViewSet.as_view({"get": "list"})),
]
