from django.apps import AppConfig


class StockConfig(AppConfig):
    name = "traceward.domain.stock"
    label = "stock"
