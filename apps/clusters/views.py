"""The HTTP API of clusters: parse, authorise, call one action, render."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import ApiViewSet
from clusters import actions
from clusters.fleet import every_shown_node, read_fleet
from clusters.kubeconfig import parse_kubeconfig
from clusters.models import Cluster, Node
from clusters.serializers import (
    ClusterCreateSerializer,
    ClusterSerializer,
    ClusterUpdateSerializer,
    FleetSummarySerializer,
    NodeSerializer,
)
from core.api.etags import changing, with_etag
from core.api.filters import FlagFilter
from core.api.pages import ListMixin


class ClusterViewSet(ListMixin, ApiViewSet):
    """Clusters: everybody sees names and health, platform admins operate them."""

    serializer_class = ClusterSerializer
    ordering = ["name"]
    ordering_fields = ["name", "created_at"]

    def get_queryset(self) -> QuerySet[Cluster]:
        simulated = Node.objects.filter(cluster=OuterRef("pk"), is_simulated=True)
        clusters = Cluster.objects.select_related("duplicate_of").prefetch_related("cursors")
        return clusters.annotate(simulated=Exists(simulated))

    def get_object(self) -> Cluster:
        return get_object_or_404(self.get_queryset(), name=self.kwargs["cluster"])

    @extend_schema(request=ClusterCreateSerializer, responses={201: ClusterSerializer})
    def create(self, request: Request) -> Response:
        """Register a cluster.

        The kubeconfig holds its certificates and token inline; it is sealed and never shown again.
        """
        self.require_platform_admin()
        parsed = ClusterCreateSerializer(data=request.data)
        parsed.is_valid(raise_exception=True)
        details = dict(parsed.validated_data)
        name, access = details.pop("name"), parse_kubeconfig(details.pop("kubeconfig"))
        cluster = actions.register_cluster(name=name, access=access, details=details, by=self.actor)
        return self.shown(cluster.name, status.HTTP_201_CREATED)

    def retrieve(self, request: Request, cluster: str) -> Response:
        """Read a cluster and how it is reached."""
        return self.shown(cluster)

    @extend_schema(request=ClusterUpdateSerializer, responses=ClusterSerializer)
    def partial_update(self, request: Request, cluster: str) -> Response:
        """Change a cluster's description or credentials.

        What is not given stays as it is.
        """
        self.require_platform_admin()
        found = self.get_object()
        parsed = ClusterUpdateSerializer(data=request.data, partial=True)
        with changing(request, found):
            parsed.is_valid(raise_exception=True)
            details = dict(parsed.validated_data)
            text = details.pop("kubeconfig", None)
            access = parse_kubeconfig(text) if text is not None else None
            actions.update_cluster(cluster=found, access=access, details=details, by=self.actor)
        return self.shown(cluster)

    def destroy(self, request: Request, cluster: str) -> Response:
        """Forget a cluster that no environment uses.

        Nothing in the cluster itself is touched.
        """
        self.require_platform_admin()
        actions.delete_cluster(cluster=self.get_object(), by=self.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def shown(self, name: str, code: int = status.HTTP_200_OK) -> Response:
        """Render one cluster."""
        cluster = get_object_or_404(self.get_queryset(), name=name)
        return with_etag(Response(self.get_serializer(cluster).data, status=code), cluster)


class NodeFilter(filters.FilterSet):
    """Filters nodes by cluster, GPU product, readiness, or a part of the name.

    A node that is not known to be ready counts as not ready, as in kubectl.
    """

    search = filters.CharFilter(field_name="name", lookup_expr="icontains")
    cluster = filters.CharFilter(field_name="cluster__name")
    ready = FlagFilter(method="filter_ready")

    class Meta:
        model = Node
        fields = ["gpu_product"]

    def filter_ready(self, nodes: QuerySet[Node], name: str, is_ready: bool) -> QuerySet[Node]:
        ready = Node.objects.known_ready(now=timezone.now())
        return nodes.filter(pk__in=ready) if is_ready else nodes.exclude(pk__in=ready)


class FleetSummaryViewSet(ApiViewSet):
    """The fleet in short: how many cards of each GPU model there are, and how many are free."""

    query_parameters = frozenset({"cluster"})

    @extend_schema(
        parameters=[OpenApiParameter("cluster", str, description="Only the nodes of this one.")],
        responses=FleetSummarySerializer,
    )
    def retrieve(self, request: Request) -> Response:
        """Count the cards of each GPU product, and those that are free."""
        fleet = read_fleet(cluster=request.query_params.get("cluster"), now=timezone.now())
        return Response(FleetSummarySerializer(fleet).data)


class NodeViewSet(ListMixin, ApiViewSet):
    """The fleet's nodes, with what live pods request; overview adds whose those are."""

    queryset = Node.objects.none()
    serializer_class = NodeSerializer
    filterset_class = NodeFilter
    ordering = ["name", "id"]
    ordering_fields = {
        "name": "name",
        "created_at": "created_at",
        "cluster": "cluster__name",
        "gpu_product": "gpu_product",
    }

    def get_queryset(self) -> QuerySet[Node, dict[str, Any]]:
        return every_shown_node().all()
