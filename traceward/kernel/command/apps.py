from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CommandConfig(AppConfig):
    name = "traceward.kernel.command"
    label = "command"

    def ready(self) -> None:
        """Every area's commands are registered once the models are there."""
        autodiscover_modules("commands")
