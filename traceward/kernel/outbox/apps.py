from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "traceward.kernel.outbox"
    label = "outbox"
