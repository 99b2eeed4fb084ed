"""Guards written in Python, taken away: a race must then be lost."""

from typing import Any

from django.db.models import QuerySet

from traceward.kernel.documents.models import NumberSeries


def number_series() -> None:
    """The number series is read without its lock."""
    locked = QuerySet.select_for_update

    def unlocked(rows: QuerySet[Any], *args: Any, **kwargs: Any) -> QuerySet[Any]:
        return rows if rows.model is NumberSeries else locked(rows, *args, **kwargs)

    QuerySet.select_for_update = unlocked  # type: ignore[method-assign]  # that is the point
