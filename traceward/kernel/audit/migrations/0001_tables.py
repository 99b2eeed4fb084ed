import django.db.models.deletion
from django.db import migrations, models

import traceward.kernel.base.ids
from traceward.kernel.base.sqlfile import remember_tables, run_sql_file
from traceward.kernel.base.tables import NewTable


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("base", "0001_tables"),
        ("org", "0001_tables"),
    ]

    operations = [
        NewTable(
            name="AuditEntry",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                (
                    "actor",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.person",
                    ),
                ),
                ("verb", models.CharField(max_length=100)),
                ("request_id", models.UUIDField()),
                ("origin", models.CharField(max_length=100)),
                ("outcome", models.CharField(max_length=10)),
                ("arguments_digest", models.BinaryField(max_length=32)),
                ("detail", models.TextField()),
                ("hash_version", models.SmallIntegerField(default=1)),
                ("content_hash", models.BinaryField(max_length=32)),
            ],
            options={
                "verbose_name": "audit entry",
                "verbose_name_plural": "audit entries",
                "db_table": "audit_entry",
                "indexes": [
                    models.Index(fields=["verb", "at"], name="audit_entry_verb"),
                    models.Index(fields=["actor", "at"], name="audit_entry_actor"),
                ],
            },
        ),
        NewTable(
            name="Signature",
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
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.person",
                    ),
                ),
                ("at", models.DateTimeField()),
                ("meaning", models.CharField(max_length=200)),
                ("subject_kind", models.CharField(max_length=60)),
                ("subject_uid", models.UUIDField(db_index=True)),
                ("content_hash", models.BinaryField(max_length=32)),
                ("command_id", models.BigIntegerField(db_index=True)),
                ("hash_version", models.SmallIntegerField(default=1, editable=False)),
                ("leaf_hash", models.BinaryField(default=b"", max_length=32)),
            ],
            options={
                "verbose_name": "signature",
                "db_table": "audit_signature",
            },
        ),
        NewTable(
            name="Seal",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("first_sequence", models.BigIntegerField()),
                ("last_sequence", models.BigIntegerField()),
                ("tree_size", models.BigIntegerField()),
                ("leaves", models.BinaryField()),
                ("frontier", models.BinaryField()),
                ("root", models.BinaryField(max_length=32)),
                ("previous", models.BinaryField(max_length=32)),
                ("sealed_at", models.DateTimeField()),
                ("key_id", models.CharField(max_length=16)),
                ("signature", models.BinaryField(max_length=64)),
            ],
            options={
                "verbose_name": "seal",
                "db_table": "audit_seal",
            },
        ),
        NewTable(
            name="Verification",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("seconds", models.FloatField()),
                ("seals", models.BigIntegerField()),
                ("is_fast", models.BooleanField()),
                ("findings", models.PositiveIntegerField()),
                ("first_finding", models.CharField(blank=True, max_length=500)),
            ],
            options={
                "verbose_name": "verification",
                "db_table": "audit_verification",
            },
        ),
        run_sql_file(__file__, "audit.sql"),
        remember_tables(__file__),
    ]
