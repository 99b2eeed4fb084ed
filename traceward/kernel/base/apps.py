from django.apps import AppConfig
from psycopg import adapters
from psycopg.types import numeric


class BaseConfig(AppConfig):
    name = "traceward.kernel.base"
    label = "base"

    def ready(self) -> None:
        """Numbers for small columns go as text: the database refuses one that is too large.

        The driver's binary form, which it would choose, cuts 2**32 + 5 down to 5 without a word.
        """
        adapters.register_dumper(numeric.Int2, numeric.Int2Dumper)
        adapters.register_dumper(numeric.Int4, numeric.Int4Dumper)
