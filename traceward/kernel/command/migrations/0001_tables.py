from django.db import migrations, models

from traceward.kernel.base.sqlfile import remember_tables, run_sql_file
from traceward.kernel.base.tables import NewTable


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("audit", "0001_tables"),
        ("base", "0001_tables"),
        ("outbox", "0001_tables"),
    ]

    operations = [
        NewTable(
            name="AnsweredRequest",
            fields=[
                ("command_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("actor_id", models.BigIntegerField()),
                ("request_id", models.UUIDField()),
                ("verb", models.CharField(max_length=100)),
                ("arguments_digest", models.BinaryField(max_length=32)),
                ("outcome", models.CharField(max_length=10)),
                ("answer", models.TextField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "answered request",
                "db_table": "command_request",
                "indexes": [models.Index(fields=["at"], name="command_request_at")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("actor_id", "request_id"), name="command_request_once"
                    )
                ],
            },
        ),
        run_sql_file(__file__, "command.sql"),
        remember_tables(__file__),
    ]
