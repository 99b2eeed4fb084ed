from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "traceward.domain.catalog"
    label = "catalog"
