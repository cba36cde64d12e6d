"""Routes of usage."""

from django.urls import path

from projects.urls import PROJECT
from usage.views import SummaryViewSet, UnattributedViewSet

urlpatterns = [
    path(f"{PROJECT}/summary", SummaryViewSet.as_view({"get": "retrieve"})),
    path("fleet/unattributed", UnattributedViewSet.as_view({"get": "retrieve"})),
]
