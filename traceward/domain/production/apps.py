from django.apps import AppConfig


class ProductionConfig(AppConfig):
    name = "traceward.domain.production"
    label = "production"
