from django.apps import AppConfig


class TraceConfig(AppConfig):
    name = "traceward.domain.trace"
    label = "trace"
