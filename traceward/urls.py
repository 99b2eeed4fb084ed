"""Addresses; each door adds its own."""

from django.urls import path

from traceward.api import docs_page
from traceward.api.v1 import api, openapi
from traceward.web.health import health
from traceward.web.metrics import metrics

handler400 = "traceward.api.problems.bad_request"
handler404 = "traceward.api.problems.not_found"
handler500 = "traceward.api.problems.server_error"
urlpatterns = [
    path("health", health),
    path("metrics", metrics),
    path("api/v1/docs", docs_page.page),
    path("api/v1/docs/<str:name>", docs_page.asset),
    path("api/v1/openapi.json", openapi),
    path("api/v1/", api.urls),
]
