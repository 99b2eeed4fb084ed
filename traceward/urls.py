"""Addresses; each door adds its own."""

from django.urls import path

from traceward.api.doors import post_command
from traceward.web.health import health

handler400 = "traceward.api.doors.bad_request"
handler404 = "traceward.api.doors.not_found"
handler500 = "traceward.api.doors.server_error"
urlpatterns = [
    path("health", health),
    path("commands/<str:verb>", post_command),
]
