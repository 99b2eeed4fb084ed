"""Addresses; each door adds its own."""

from django.urls import path

from traceward.api.doors import post_command
from traceward.web.health import health

urlpatterns = [
    path("health", health),
    path("commands/<str:verb>", post_command),
]
