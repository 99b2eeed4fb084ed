from django.apps import AppConfig


class ListsConfig(AppConfig):
    name = "traceward.kernel.lists"
    label = "lists"
