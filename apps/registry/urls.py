"""Routes of the registry; those of versions are in overview, which shows where they run."""

from django.urls import path

from projects.urls import PROJECT
from registry.views import ModelViewSet

MODEL = f"{PROJECT}/models/<slug:model>"

urlpatterns = [
    path(f"{PROJECT}/models", ModelViewSet.as_view({"get": "list", "post": "create"})),
    path(
        MODEL,
        ModelViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
    ),
]
