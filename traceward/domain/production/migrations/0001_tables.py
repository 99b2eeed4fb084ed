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
        ("places", "0001_tables"),
        ("stock", "0001_tables"),
    ]

    operations = [
        NewTable(
            name="Bom",
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
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.item",
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("per_quantity", models.PositiveBigIntegerField(default=1)),
                ("effective_from", models.DateField()),
                ("effective_until", models.DateField(null=True)),
            ],
            options={
                "verbose_name": "bill of material",
                "db_table": "production_bom",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("item", "version"), name="production_bom_version"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("per_quantity__gt", 0)), name="production_bom_per"
                    ),
                ],
            },
        ),
        NewTable(
            name="BomLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "bom",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="production.bom",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("component", "component"), ("by_product", "by-product")],
                        max_length=10,
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
                ("quantity", models.PositiveBigIntegerField()),
                ("scrap_share", models.DecimalField(decimal_places=4, default=0, max_digits=5)),
            ],
            options={
                "verbose_name": "bill of material line",
                "db_table": "production_bom_line",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("bom", "item"), name="production_bom_line_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("quantity__gt", 0), ("scrap_share__gte", 0), ("scrap_share__lt", 1)
                        ),
                        name="production_bom_line_some",
                    ),
                ],
            },
        ),
        NewTable(
            name="WorkOrder",
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
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.item",
                    ),
                ),
                ("quantity", models.PositiveBigIntegerField()),
                (
                    "bom",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="production.bom",
                    ),
                ),
                ("per_quantity", models.PositiveBigIntegerField(default=1)),
                ("is_rework", models.BooleanField(default=False)),
                (
                    "wip",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.place",
                    ),
                ),
                ("due_on", models.DateField(null=True)),
                ("made", models.PositiveBigIntegerField(default=0)),
                ("lost", models.PositiveBigIntegerField(default=0)),
            ],
            options={
                "verbose_name": "work order",
                "db_table": "production_order",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="production_order_some"
                    )
                ],
            },
            bases=("documents.document", models.Model),
        ),
        NewTable(
            name="ComponentLine",
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
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="production.workorder",
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
                ("quantity_per", models.PositiveBigIntegerField()),
                ("quantity", models.PositiveBigIntegerField()),
            ],
            options={
                "verbose_name": "component line",
                "db_table": "production_component_line",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("order", "item"), name="production_component_once"
                    )
                ],
            },
        ),
        NewTable(
            name="IssuedGoods",
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
                    "component",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="issued",
                        to="production.componentline",
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
                ("consumed", models.PositiveBigIntegerField(default=0)),
                ("returned", models.PositiveBigIntegerField(default=0)),
                ("scrapped", models.PositiveBigIntegerField(default=0)),
            ],
            options={
                "verbose_name": "issued goods",
                "db_table": "production_issued_goods",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("component", "lot", "serial"),
                        name="production_issued_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "quantity__gte",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("consumed"), "+", models.F("returned")
                                    ),
                                    "+",
                                    models.F("scrapped"),
                                ),
                            )
                        ),
                        name="production_issued_adds_up",
                    ),
                ],
            },
        ),
        NewTable(
            name="Transformation",
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
                ("made_on", models.DateField()),
                (
                    "order",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="production.workorder",
                    ),
                ),
                ("lost", models.PositiveBigIntegerField(default=0)),
            ],
            options={
                "verbose_name": "transformation",
                "db_table": "production_transformation",
            },
            bases=("documents.document",),
        ),
        NewTable(
            name="TransformationLine",
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
                    "transformation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="production.transformation",
                    ),
                ),
                (
                    "direction",
                    models.CharField(
                        choices=[("input", "input"), ("output", "output")], max_length=6
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
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.place",
                    ),
                ),
                ("quantity", models.PositiveBigIntegerField()),
                (
                    "issued",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="production.issuedgoods",
                    ),
                ),
            ],
            options={
                "verbose_name": "transformation line",
                "db_table": "production_transformation_line",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="production_line_some"
                    )
                ],
            },
        ),
        remember_tables(__file__),
    ]
