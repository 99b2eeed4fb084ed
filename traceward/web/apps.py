"""The web pages as a Django app, so that their templates are found."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages, their templates and their styles; no tables."""

    name = "traceward.web"
    label = "web"

    def ready(self) -> None:
        """Each visit is on record from its beginning, by whatever door it begins."""
        from django.contrib.auth.signals import user_logged_in

        from traceward.web.sessions import begun

        user_logged_in.connect(begun, dispatch_uid="traceward.sign_in")
