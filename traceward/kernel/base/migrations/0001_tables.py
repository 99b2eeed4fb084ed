import uuid

from django.db import migrations, models

from traceward.kernel.base.sqlfile import remember_tables, run_sql_file
from traceward.kernel.base.tables import NewTable


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        NewTable(
            name="Database",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("uid", models.UUIDField(default=uuid.uuid4)),
                ("is_sandbox", models.BooleanField()),
                ("clock_offset", models.DurationField()),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "db_table": "base_database",
            },
        ),
        run_sql_file(__file__, "base.sql"),
        remember_tables(__file__),
    ]
