"""Routes of the registry."""

from django.urls import path

from projects.urls import PROJECT
from registry.views import ModelViewSet, VersionViewSet

MODEL = f"{PROJECT}/models/<slug:model>"

urlpatterns = [
    path(f"{PROJECT}/models", ModelViewSet.as_view({"get": "list", "post": "create"})),
    path(MODEL, ModelViewSet.as_view({"get": "retrieve", "patch": "partial_update"})),
    path(f"{MODEL}/versions", VersionViewSet.as_view({"get": "list", "post": "create"})),
    path(f"{MODEL}/versions/<str:version>", VersionViewSet.as_view({"get": "retrieve"})),
]
