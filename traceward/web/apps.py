"""The web pages as a Django app, so that their templates are found."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages, their templates and their styles; no tables."""

    name = "traceward.web"
    label = "web"
