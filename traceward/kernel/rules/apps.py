from django.apps import AppConfig


class RulesConfig(AppConfig):
    name = "traceward.kernel.rules"
    label = "rules"
