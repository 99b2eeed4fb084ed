from django.apps import AppConfig


class WarehousingConfig(AppConfig):
    name = "traceward.domain.warehousing"
    label = "warehousing"
