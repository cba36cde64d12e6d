"""Routes of usage."""

from django.urls import path

from projects.urls import PROJECT
from usage.views import SummaryViewSet

urlpatterns = [path(f"{PROJECT}/summary", SummaryViewSet.as_view({"get": "retrieve"}))]
