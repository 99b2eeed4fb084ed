from django.apps import AppConfig


class SalesConfig(AppConfig):
    name = "traceward.domain.sales"
    label = "sales"
