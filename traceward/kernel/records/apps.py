from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "traceward.kernel.records"
    label = "records"
