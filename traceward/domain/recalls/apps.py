from django.apps import AppConfig


class RecallsConfig(AppConfig):
    name = "traceward.domain.recalls"
    label = "recalls"
