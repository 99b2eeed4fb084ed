import django.db.models.deletion
from django.db import migrations, models

import traceward.kernel.base.ids
from traceward.kernel.base.sqlfile import remember_tables
from traceward.kernel.base.tables import NewTable


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("base", "0001_tables"),
        ("org", "0001_tables"),
        ("records", "0001_tables"),
    ]

    operations = [
        NewTable(
            name="Document",
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
                ("kind", models.CharField(max_length=40)),
                ("number", models.CharField(max_length=40, null=True, unique=True)),
                (
                    "legal_entity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.legalentity",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="org.site"
                    ),
                ),
                ("state", models.CharField(max_length=30)),
                ("version", models.PositiveIntegerField(default=1)),
                ("version_command_id", models.BigIntegerField(null=True)),
                ("created_at", models.DateTimeField()),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "document",
                "db_table": "documents_document",
                "indexes": [models.Index(fields=["kind", "state"], name="documents_kind_state")],
            },
        ),
        NewTable(
            name="DocumentLine",
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
                    "document",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.document",
                    ),
                ),
                ("line_number", models.PositiveIntegerField()),
            ],
            options={
                "verbose_name": "document line",
                "db_table": "documents_line",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("document", "line_number"), name="documents_line_number"
                    )
                ],
            },
        ),
        NewTable(
            name="DocumentLink",
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
                    "earlier",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.document",
                    ),
                ),
                (
                    "later",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.document",
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
            ],
            options={
                "db_table": "documents_link",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("earlier", "later", "kind"), name="documents_link_once"
                    )
                ],
            },
        ),
        NewTable(
            name="NumberSeries",
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
                ("kind", models.CharField(max_length=40)),
                (
                    "legal_entity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.legalentity",
                    ),
                ),
                ("year", models.PositiveSmallIntegerField()),
                ("next_number", models.PositiveIntegerField(default=1)),
            ],
            options={
                "db_table": "documents_number_series",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "legal_entity", "year"), name="documents_number_series_once"
                    )
                ],
            },
        ),
        NewTable(
            name="DocumentFile",
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
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.document",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.storedfile",
                    ),
                ),
                ("role", models.CharField(max_length=40)),
                ("version", models.PositiveIntegerField()),
                ("name", models.CharField(blank=True, default="", max_length=200)),
                (
                    "replaces",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaced_by",
                        to="documents.documentfile",
                    ),
                ),
                ("is_void", models.BooleanField(default=False)),
                ("command_id", models.BigIntegerField(db_index=True)),
            ],
            options={
                "verbose_name": "file of a document",
                "db_table": "documents_file",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("document", "role", "version"), name="documents_file_version"
                    )
                ],
            },
        ),
        NewTable(
            name="VoidedFile",
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
                    "voided",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="voiding",
                        to="documents.documentfile",
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.person",
                    ),
                ),
                ("at", models.DateTimeField()),
                ("command_id", models.BigIntegerField(db_index=True)),
            ],
            options={
                "verbose_name": "voided file",
                "db_table": "documents_voided_file",
            },
        ),
        NewTable(
            name="Printing",
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
                    "printed",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.documentfile",
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
                ("copies", models.PositiveSmallIntegerField()),
                ("command_id", models.BigIntegerField(db_index=True)),
            ],
            options={
                "verbose_name": "printing",
                "db_table": "documents_printing",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("copies__gt", 0)), name="documents_printing_some"
                    )
                ],
            },
        ),
        remember_tables(__file__),
    ]
