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
        ("warehousing", "0001_tables"),
    ]

    operations = [
        NewTable(
            name="TransferOrder",
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
                    "to_site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="org.site"
                    ),
                ),
                (
                    "deliver_to",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.place",
                    ),
                ),
                (
                    "from_owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.party",
                    ),
                ),
                (
                    "to_owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.party",
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                ("wanted_on", models.DateField(null=True)),
                (
                    "approved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.person",
                    ),
                ),
                ("approved_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "transfer order",
                "db_table": "transfers_order",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("approved_at__isnull", True), ("approved_by__isnull", True)),
                            models.Q(
                                ("approved_at__isnull", False), ("approved_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="transfers_order_approved",
                    )
                ],
            },
            bases=("documents.document",),
        ),
        NewTable(
            name="TransferLine",
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
                        to="transfers.transferorder",
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
            ],
            options={
                "verbose_name": "transfer line",
                "db_table": "transfers_line",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="transfers_line_some"
                    )
                ],
            },
        ),
        NewTable(
            name="Discrepancy",
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
                    "shipment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="warehousing.shipment",
                    ),
                ),
                (
                    "shipment_line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="warehousing.shipmentline",
                    ),
                ),
                (
                    "receipt",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="warehousing.receipt",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("missing", "missing"), ("damaged", "damaged")], max_length=10
                    ),
                ),
                ("quantity", models.PositiveBigIntegerField()),
                (
                    "noted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.person",
                    ),
                ),
                ("noted_at", models.DateTimeField()),
                ("found", models.PositiveBigIntegerField(default=0)),
                ("written_off", models.PositiveBigIntegerField(default=0)),
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
                ("decision", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "verbose_name": "discrepancy",
                "db_table": "transfers_discrepancy",
                "indexes": [
                    models.Index(fields=["shipment", "kind"], name="transfers_discrepancy_of")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("quantity__gt", 0),
                            (
                                "quantity__gte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("found"), "+", models.F("written_off")
                                ),
                            ),
                        ),
                        name="transfers_discrepancy_settled",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("written_off", 0),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                models.Q(("decision", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="transfers_discrepancy_decided",
                    ),
                ],
            },
        ),
        remember_tables(__file__),
    ]
