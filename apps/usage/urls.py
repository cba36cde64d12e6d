"""Routes of usage."""

from django.urls import path

from projects.urls import PROJECT
from serving.urls import ONE_SERVICE
from usage.views import ServiceUsageViewSet, SummaryViewSet, UnattributedViewSet

urlpatterns = [
    path(f"{PROJECT}/summary", SummaryViewSet.as_view({"get": "retrieve"})),
    path(f"{ONE_SERVICE}/usage", ServiceUsageViewSet.as_view({"get": "retrieve"})),
    path("fleet/unattributed", UnattributedViewSet.as_view({"get": "retrieve"})),
]
