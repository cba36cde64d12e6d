"""Routes of what Slipway tells of itself."""

from django.urls import path

from ops.views import AuditEventViewSet, PlatformViewSet

urlpatterns = [
    path("audit-events", AuditEventViewSet.as_view({"get": "list"})),
    path("platform", PlatformViewSet.as_view({"get": "retrieve"})),
]
