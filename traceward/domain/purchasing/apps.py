from django.apps import AppConfig


class PurchasingConfig(AppConfig):
    name = "traceward.domain.purchasing"
    label = "purchasing"
