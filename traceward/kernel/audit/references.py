"""What is looked up once for many rows, and has no foreign key, is there. # docs/adr/0130"""

from django.db import connections

from traceward.kernel.audit.checks import MAX_FINDINGS, Finding, register
from traceward.kernel.base.references import references, together
from traceward.kernel.base.refusals import sentence

REFERENCES = "kernel.references"


def references_exist(using: str) -> list[Finding]:
    """Every row of these tables names rows that exist."""
    message = sentence(
        "The {what} {id} names {kind} {value}, which does not exist or does not fit."
    )
    found = []
    for model in together():
        meta = model._meta
        assert meta.pk is not None, "every table has a key"
        for column, target in references(model):
            assert target.pk is not None, "every table has a key"
            with connections[using].cursor() as cursor:
                cursor.execute(  # names of our own tables and columns
                    f"SELECT w.{meta.pk.column}, w.{column} FROM {meta.db_table} w"  # noqa: S608
                    f" WHERE w.{column} IS NOT NULL AND NOT EXISTS (SELECT"
                    f" FROM {target.db_table} x WHERE x.{target.pk.column} = w.{column})"
                    f" ORDER BY 1 LIMIT {MAX_FINDINGS}"
                )
                rows = cursor.fetchall()
            what, kind = str(meta.verbose_name), str(target.verbose_name)
            found += [
                Finding(REFERENCES, message, {"what": what, "id": pk, "kind": kind, "value": value})
                for pk, value in rows
            ]
    return found


def register_checks() -> None:
    """`traceward verify` asks this too."""
    register(REFERENCES, references_exist)
