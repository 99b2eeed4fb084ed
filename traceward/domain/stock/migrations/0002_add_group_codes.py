from django.db import migrations

from traceward.kernel.base.sqlfile import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("stock", "0001_ledger"),
    ]

    operations = [
        run_sql_file(
            __file__, "group_codes.sql", "DELETE FROM stock_move_code WHERE code IN (19, 20)"
        ),
    ]
