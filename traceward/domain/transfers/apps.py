from django.apps import AppConfig


class TransfersConfig(AppConfig):
    name = "traceward.domain.transfers"
    label = "transfers"
