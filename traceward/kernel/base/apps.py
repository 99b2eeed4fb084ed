from django.apps import AppConfig


class BaseConfig(AppConfig):
    name = "traceward.kernel.base"
    label = "base"
