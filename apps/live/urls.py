"""Routes of live updates."""

from django.urls import path

from live.stream import stream

urlpatterns = [path("stream", stream)]
