"""Plans that must not hang on statistics: those are from before the running command. # INV-02"""

import re
from pathlib import Path

from django.db import connection

from tests.house.source import ROOT
from tests.world import World

POST = Path(ROOT) / "traceward" / "domain" / "stock" / "sql" / "post.sql"
LOOKUP = """
EXPLAIN SELECT b.id FROM unnest(%s::bigint[], %s::bigint[]) k(i, n)
JOIN stock_balance b ON b.item_id = k.i AND coalesce(b.lot_id, 0) = k.n
  AND b.place_id + 0 = k.n AND b.status = k.n AND b.owner_id = k.n
  AND coalesce(b.serial_id, 0) = k.n AND coalesce(b.container_id, 0) = k.n
"""


def test_a_whole_key_is_found_by_its_own_index(world: World) -> None:
    # A table that was vacuumed while it was empty has no page, and then any index is as good: only
    # one may fit at all.
    with connection.cursor() as cursor:
        for way in ("seqscan", "hashjoin", "mergejoin", "bitmapscan"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(LOOKUP, [[1], [1]])
        plan = "\n".join(row for (row,) in cursor.fetchall())
    assert "stock_balance_key" in plan
    assert "stock_balance_place" not in plan


def test_the_ledger_looks_up_whole_keys_so() -> None:
    joins = re.findall(r"JOIN stock_balance b ON b\.item_id = .*?(?:;|WHERE|\n\s*GROUP)",
                       POST.read_text("utf-8"), re.DOTALL)  # fmt: skip
    assert len(joins) == 5
    assert all("b.place_id + 0 = " in join for join in joins)
