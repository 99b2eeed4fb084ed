from django.db import migrations, models

import traceward.kernel.base.ids
from traceward.kernel.base.sqlfile import remember_tables, run_sql_file
from traceward.kernel.base.tables import NewTable


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("base", "0001_tables"),
    ]

    operations = [
        NewTable(
            name="StoredFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "uid",
                    models.UUIDField(
                        default=traceward.kernel.base.ids.new_uid, editable=False, unique=True
                    ),
                ),
                ("sha256", models.BinaryField(max_length=32, unique=True)),
                ("name", models.CharField(max_length=200)),
                ("media_type", models.CharField(max_length=100)),
                ("size", models.PositiveIntegerField()),
                ("stored_at", models.DateTimeField()),
                ("command_id", models.BigIntegerField(db_index=True)),
                ("retain_until", models.DateField(null=True)),
                ("hash_version", models.SmallIntegerField(default=1, editable=False)),
                ("leaf_hash", models.BinaryField(default=b"", max_length=32)),
            ],
            options={
                "verbose_name": "stored file",
                "db_table": "records_stored_file",
            },
        ),
        run_sql_file(__file__, "records.sql"),
        remember_tables(__file__),
    ]
