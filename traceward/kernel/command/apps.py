import gc

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

#: New objects before Python's collector looks for cycles, and so on: thousands of lines hold none,
#: and to look again and again would take as long as the command.
COLLECTOR = (50_000, 20, 20)


class CommandConfig(AppConfig):
    name = "traceward.kernel.command"
    label = "command"

    def ready(self) -> None:
        """Every area's commands are registered once the models are there."""
        autodiscover_modules("commands")
        gc.freeze()  # what stands now stays as long as the process: no need to look at it again
        gc.set_threshold(*COLLECTOR)
