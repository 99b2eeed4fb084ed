from django.apps import AppConfig

from traceward.domain.stock.checks import register_checks
from traceward.domain.stock.sealed import register_leaf_kinds


class StockConfig(AppConfig):
    name = "traceward.domain.stock"
    label = "stock"

    def ready(self) -> None:
        register_leaf_kinds()
        register_checks()
