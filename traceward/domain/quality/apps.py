from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "traceward.domain.quality"
    label = "quality"
