"""Routes for machines, outside the API."""

from django.urls import path

from ops.views import healthz, metrics, readyz

urlpatterns = [path("healthz", healthz), path("readyz", readyz), path("metrics", metrics)]
