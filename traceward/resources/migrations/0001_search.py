from django.db import migrations

from traceward.kernel.base.sqlfile import run_sql_file


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("documents", "0001_tables"),
        ("stock", "0001_tables"),
    ]

    operations = [
        run_sql_file(__file__, "search.sql"),
    ]
