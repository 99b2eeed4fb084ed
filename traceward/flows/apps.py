from django.apps import AppConfig


class FlowsConfig(AppConfig):
    name = "traceward.flows"
    label = "flows"
