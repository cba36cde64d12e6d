"""Routes of what is told as it happens."""

from django.urls import path

from live.stream import stream

urlpatterns = [path("stream", stream)]
