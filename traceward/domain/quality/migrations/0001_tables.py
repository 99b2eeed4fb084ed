import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

import traceward.kernel.base.ids
from traceward.kernel.base.sqlfile import remember_tables
from traceward.kernel.base.tables import NewTable


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("base", "0001_tables"),
        ("catalog", "0001_tables"),
        ("documents", "0001_tables"),
        ("org", "0001_tables"),
        ("places", "0001_tables"),
        ("stock", "0001_tables"),
    ]

    operations = [
        NewTable(
            name="Inspection",
            fields=[
                (
                    "document_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="documents.document",
                    ),
                ),
                ("device_name", models.CharField(blank=True, max_length=200)),
                ("model", models.CharField(blank=True, max_length=100)),
                ("specification", models.CharField(blank=True, max_length=200)),
                ("registration_number", models.CharField(blank=True, max_length=60)),
                ("registrant_name", models.CharField(blank=True, max_length=200)),
                ("maker_name", models.CharField(blank=True, max_length=200)),
                ("contract_maker_name", models.CharField(blank=True, max_length=200)),
                ("production_licence", models.CharField(blank=True, max_length=60)),
                ("udi_di", models.CharField(blank=True, max_length=40)),
                ("storage_conditions", models.CharField(blank=True, max_length=160)),
                ("service_life", models.CharField(blank=True, max_length=60)),
                ("unit", models.CharField(blank=True, max_length=20)),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.document",
                    ),
                ),
                (
                    "supplier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.party",
                    ),
                ),
                ("supplier_name", models.CharField(blank=True, max_length=200)),
                ("supplier_address", models.CharField(blank=True, max_length=300)),
                ("supplier_phone", models.CharField(blank=True, max_length=40)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.party",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.item",
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.lot",
                    ),
                ),
                ("quantity", models.PositiveBigIntegerField()),
                ("accepted", models.PositiveBigIntegerField(null=True)),
                ("rejected", models.PositiveBigIntegerField(null=True)),
                ("conclusion", models.CharField(blank=True, max_length=500)),
                ("defects", models.CharField(blank=True, max_length=500)),
                ("disposition", models.CharField(blank=True, max_length=200)),
                (
                    "inspected_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.person",
                    ),
                ),
                ("inspected_at", models.DateTimeField(null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.person",
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "inspection",
                "db_table": "quality_inspection",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("source", "item", "lot", "owner"),
                        name="quality_inspection_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("accepted", None), ("decided_at", None), ("rejected", None)),
                            models.Q(
                                ("decided_at__isnull", False),
                                (
                                    "quantity",
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("accepted"), "+", models.F("rejected")
                                    ),
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="quality_inspection_decides_all",
                    ),
                ],
            },
            bases=("documents.document", models.Model),
        ),
        NewTable(
            name="Restriction",
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
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.document",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.item",
                    ),
                ),
                ("reason", models.CharField(max_length=100)),
            ],
            options={
                "verbose_name": "restriction",
                "db_table": "quality_restriction",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("source", "item"), name="quality_restriction_once"
                    )
                ],
            },
        ),
        NewTable(
            name="Result",
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
                    "inspection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="results",
                        to="quality.inspection",
                    ),
                ),
                ("check_name", models.CharField(max_length=60)),
                ("is_additional", models.BooleanField(default=False)),
                ("is_passed", models.BooleanField()),
                ("sample_quantity", models.PositiveIntegerField()),
                ("defective_quantity", models.PositiveIntegerField()),
                ("note", models.CharField(blank=True, max_length=500)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.person",
                    ),
                ),
                ("recorded_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "inspection result",
                "db_table": "quality_result",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("defective_quantity__lte", models.F("sample_quantity"))
                        ),
                        name="quality_result_sample",
                    )
                ],
            },
        ),
        NewTable(
            name="StockCheck",
            fields=[
                (
                    "document_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="documents.document",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.place",
                    ),
                ),
                ("checked_at", models.DateTimeField()),
                ("temperature_c", models.DecimalField(decimal_places=1, max_digits=5, null=True)),
                ("humidity_percent", models.PositiveSmallIntegerField(null=True)),
                ("is_flow_right", models.BooleanField()),
                ("is_protected", models.BooleanField()),
                ("is_clean", models.BooleanField()),
                ("is_monitoring_right", models.BooleanField()),
                ("measures", models.CharField(blank=True, max_length=500)),
            ],
            options={
                "verbose_name": "stock check",
                "db_table": "quality_stock_check",
                "indexes": [
                    models.Index(fields=["place", "checked_at"], name="quality_stock_check_place")
                ],
            },
            bases=("documents.document",),
        ),
        NewTable(
            name="StockCheckLine",
            fields=[
                ("device_name", models.CharField(blank=True, max_length=200)),
                ("model", models.CharField(blank=True, max_length=100)),
                ("specification", models.CharField(blank=True, max_length=200)),
                ("registration_number", models.CharField(blank=True, max_length=60)),
                ("registrant_name", models.CharField(blank=True, max_length=200)),
                ("maker_name", models.CharField(blank=True, max_length=200)),
                ("contract_maker_name", models.CharField(blank=True, max_length=200)),
                ("production_licence", models.CharField(blank=True, max_length=60)),
                ("udi_di", models.CharField(blank=True, max_length=40)),
                ("storage_conditions", models.CharField(blank=True, max_length=160)),
                ("service_life", models.CharField(blank=True, max_length=60)),
                ("unit", models.CharField(blank=True, max_length=20)),
                (
                    "line",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="documents.documentline",
                    ),
                ),
                (
                    "check_of",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="quality.stockcheck",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.item",
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.lot",
                    ),
                ),
                (
                    "serial",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.serial",
                    ),
                ),
                ("quantity", models.PositiveBigIntegerField()),
                ("is_appearance_good", models.BooleanField()),
                ("is_packaging_good", models.BooleanField()),
                ("is_expiry_good", models.BooleanField()),
                ("note", models.CharField(blank=True, max_length=500)),
                (
                    "block",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.stockblock",
                    ),
                ),
            ],
            options={
                "verbose_name": "stock check line",
                "db_table": "quality_stock_check_line",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("block__isnull", False),
                            models.Q(("is_appearance_good", True), ("is_packaging_good", True)),
                            _connector="OR",
                        ),
                        name="quality_stock_check_blocks_doubtful",
                    )
                ],
            },
        ),
        remember_tables(__file__),
    ]
