from django.db import migrations

from traceward.kernel.base.sqlfile import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0001_documents"),
        ("places", "0001_places"),
        ("recalls", "0002_add_targets_answers_reports"),
        ("stock", "0003_index_own_lot"),
        ("warehousing", "0001_receipts"),
    ]

    operations = [
        run_sql_file(__file__, "gate.sql"),
    ]
