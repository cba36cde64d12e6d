"""Routes of what Slipway tells."""

from django.urls import path

from notify.views import AuditEventViewSet, PlatformViewSet

urlpatterns = [
    path("audit-events", AuditEventViewSet.as_view({"get": "list"})),
    path("platform", PlatformViewSet.as_view({"get": "retrieve"})),
]
