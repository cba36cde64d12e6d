"""Routes of what Slipway says about itself."""

from django.urls import path

from ops.views import PlatformViewSet

urlpatterns = [
    path("platform", PlatformViewSet.as_view({"get": "retrieve"})),
]
