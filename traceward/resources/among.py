"""Rows of one of the records that a query finds, by an index on the reference.

    Q(lot__among=Lot.objects.filter(…).values("pk"))

An `IN` joined by OR with others reads the whole table; what is found first, as an array, is looked
up by index, and several of them together by a bitmap. docs/adr/0223
"""

from typing import Any

from django.db.models import ForeignKey, Lookup


@ForeignKey.register_lookup
class Among(Lookup):
    """The reference is to one of them."""

    lookup_name = "among"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """As a comparison with an array that is found first."""
        left, left_values = self.process_lhs(compiler, connection)
        right, right_values = self.process_rhs(compiler, connection)
        return f"{left} = ANY(ARRAY{right})", (*left_values, *right_values)
