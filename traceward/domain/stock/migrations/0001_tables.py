import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import traceward.kernel.base.ids
from traceward.kernel.base.sqlfile import remember_tables, run_sql_file
from traceward.kernel.base.tables import NewTable


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("audit", "0001_tables"),
        ("base", "0001_tables"),
        ("catalog", "0001_tables"),
        ("documents", "0001_tables"),
        ("org", "0001_tables"),
        ("partners", "0001_tables"),
        ("places", "0001_tables"),
    ]

    operations = [
        NewTable(
            name="Lot",
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
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.item",
                    ),
                ),
                (
                    "maker",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.party",
                    ),
                ),
                ("number", models.CharField(max_length=40)),
                ("raw_number", models.CharField(max_length=40)),
                ("supplier_lot", models.CharField(blank=True, max_length=40)),
                ("own_lot", models.CharField(blank=True, max_length=40)),
                ("sterilisation_lot", models.CharField(blank=True, max_length=40)),
                ("made_on", models.DateField(null=True)),
                ("expires_on", models.DateField(null=True)),
                (
                    "expiry_precision",
                    models.CharField(
                        choices=[("day", "day"), ("month", "month")], default="day", max_length=5
                    ),
                ),
                ("expiry_basis", models.CharField(default="expiry", max_length=20)),
                ("expiry_raw", models.CharField(blank=True, max_length=20)),
                ("first_received_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "lot",
                "db_table": "stock_lot",
                "indexes": [
                    models.Index(fields=["number"], name="stock_lot_number"),
                    models.Index(fields=["item", "expires_on"], name="stock_lot_expiry"),
                    models.Index(fields=["expires_on"], name="stock_lot_ending"),
                    models.Index(
                        condition=models.Q(("own_lot", ""), _negated=True),
                        fields=["own_lot"],
                        name="stock_lot_own_number",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("maker", "item", "number"), name="stock_lot_identity"
                    )
                ],
            },
        ),
        NewTable(
            name="Serial",
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
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.item",
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.lot",
                    ),
                ),
                ("number", models.CharField(max_length=40)),
                ("raw_number", models.CharField(max_length=40)),
            ],
            options={
                "verbose_name": "serial",
                "db_table": "stock_serial",
                "indexes": [models.Index(fields=["number"], name="stock_serial_number")],
                "constraints": [
                    models.UniqueConstraint(fields=("item", "number"), name="stock_serial_identity")
                ],
            },
        ),
        NewTable(
            name="Container",
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
                ("code", models.CharField(max_length=40, unique=True)),
                (
                    "parent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.container",
                    ),
                ),
                ("is_closed", models.BooleanField(default=False)),
            ],
            options={
                "verbose_name": "container",
                "db_table": "stock_container",
            },
        ),
        NewTable(
            name="StockMove",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("command_id", models.BigIntegerField()),
                ("posted_at", models.DateTimeField()),
                ("happened_at", models.DateTimeField()),
                (
                    "code",
                    models.SmallIntegerField(
                        choices=[
                            (1, "receive"),
                            (2, "put away"),
                            (3, "move"),
                            (4, "pick"),
                            (5, "pack"),
                            (6, "ship"),
                            (7, "deliver"),
                            (8, "use"),
                            (9, "consume"),
                            (10, "produce"),
                            (11, "release"),
                            (12, "reject"),
                            (13, "adjust in"),
                            (14, "adjust out"),
                            (15, "return from customer"),
                            (16, "return to supplier"),
                            (17, "destroy"),
                            (18, "reverse"),
                            (19, "transfer"),
                            (20, "write off"),
                        ]
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.document",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.documentline",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.item",
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.lot",
                    ),
                ),
                (
                    "serial",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.serial",
                    ),
                ),
                ("quantity", models.BigIntegerField()),
                (
                    "from_place",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.place",
                    ),
                ),
                (
                    "from_status",
                    models.SmallIntegerField(
                        choices=[(1, "pending inspection"), (2, "qualified"), (3, "rejected")]
                    ),
                ),
                (
                    "from_owner",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.party",
                    ),
                ),
                (
                    "from_container",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.container",
                    ),
                ),
                (
                    "to_place",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.place",
                    ),
                ),
                (
                    "to_status",
                    models.SmallIntegerField(
                        choices=[(1, "pending inspection"), (2, "qualified"), (3, "rejected")]
                    ),
                ),
                (
                    "to_owner",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.party",
                    ),
                ),
                (
                    "to_container",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.container",
                    ),
                ),
                ("actor_id", models.BigIntegerField()),
                (
                    "reverses",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.stockmove",
                    ),
                ),
                ("di", models.CharField(max_length=40, null=True)),
                ("reason", models.CharField(max_length=300, null=True)),
                ("device", models.CharField(max_length=60, null=True)),
                ("clock_offset_ms", models.IntegerField(null=True)),
                ("hash_version", models.SmallIntegerField()),
                ("content_hash", models.BinaryField(max_length=32)),
            ],
            options={
                "verbose_name": "stock move",
                "db_table": "stock_move",
                "managed": False,
            },
        ),
        NewTable(
            name="StockBalance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.item",
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.lot",
                    ),
                ),
                (
                    "serial",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.serial",
                    ),
                ),
                (
                    "container",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.container",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.place",
                    ),
                ),
                (
                    "status",
                    models.SmallIntegerField(
                        choices=[(1, "pending inspection"), (2, "qualified"), (3, "rejected")]
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.party",
                    ),
                ),
                ("physical", models.BooleanField()),
                ("on_hand", models.BigIntegerField()),
                ("reserved", models.BigIntegerField()),
                ("stands", models.BooleanField(editable=False)),
            ],
            options={
                "verbose_name": "stock balance",
                "db_table": "stock_balance",
                "managed": False,
            },
        ),
        NewTable(
            name="Reservation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.documentline",
                    ),
                ),
                (
                    "balance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.stockbalance",
                    ),
                ),
                ("quantity", models.BigIntegerField()),
                ("expires_at", models.DateTimeField(null=True)),
                ("command_id", models.BigIntegerField()),
            ],
            options={
                "verbose_name": "reservation",
                "db_table": "stock_reservation",
                "managed": False,
            },
        ),
        NewTable(
            name="StockBlock",
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
                    "kind",
                    models.CharField(
                        choices=[("hold", "on hold"), ("recall", "recalled")], max_length=10
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
                    "container",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.container",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.place",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.item",
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                (
                    "case",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.document",
                    ),
                ),
                ("placed_at", models.DateTimeField()),
                ("command_id", models.BigIntegerField()),
                ("until", models.DateTimeField(null=True)),
                ("lifted_at", models.DateTimeField(null=True)),
                ("lift_reason", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "verbose_name": "stock block",
                "db_table": "stock_block",
                "indexes": [
                    models.Index(
                        condition=models.Q(("lifted_at", None)),
                        fields=["lot"],
                        name="stock_block_active_lot",
                    ),
                    models.Index(
                        condition=models.Q(("lifted_at", None)),
                        fields=["serial"],
                        name="stock_block_active_serial",
                    ),
                    models.Index(
                        condition=models.Q(("lifted_at", None)),
                        fields=["container"],
                        name="stock_block_active_container",
                    ),
                    models.Index(
                        condition=models.Q(("lifted_at", None)),
                        fields=["place"],
                        name="stock_block_active_place",
                    ),
                    models.Index(
                        condition=models.Q(("lifted_at", None)),
                        fields=["item"],
                        name="stock_block_active_item",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("lot__isnull", False),
                            ("serial__isnull", False),
                            ("container__isnull", False),
                            ("place__isnull", False),
                            ("item__isnull", False),
                            _connector="OR",
                        ),
                        name="stock_block_has_scope",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until__isnull", True),
                            ("until__gt", models.F("placed_at")),
                            _connector="OR",
                        ),
                        name="stock_block_ends_later",
                    ),
                ],
            },
        ),
        NewTable(
            name="GenealogyEdge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("command_id", models.BigIntegerField()),
                (
                    "input_lot",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.lot",
                    ),
                ),
                (
                    "input_serial",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.serial",
                    ),
                ),
                (
                    "output_lot",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.lot",
                    ),
                ),
                (
                    "output_serial",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.serial",
                    ),
                ),
                ("quantity", models.BigIntegerField()),
            ],
            options={
                "verbose_name": "genealogy edge",
                "db_table": "stock_genealogy",
                "managed": False,
            },
        ),
        NewTable(
            name="VoidTransformation",
            fields=[
                ("command_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("by_command_id", models.BigIntegerField()),
            ],
            options={
                "verbose_name": "void transformation",
                "db_table": "stock_genealogy_void",
                "managed": False,
            },
        ),
        NewTable(
            name="ClosedPeriod",
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
                    "legal_entity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.legalentity",
                    ),
                ),
                ("closed_until", models.DateTimeField()),
                ("closed_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "closed period",
                "db_table": "stock_closed_period",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("legal_entity", "closed_until"), name="stock_closed_period_once"
                    )
                ],
            },
        ),
        NewTable(
            name="Checkpoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("sequence", models.BigIntegerField()),
                ("made_at", models.DateTimeField()),
                ("late_from", models.DateTimeField()),
                ("moves", models.BigIntegerField()),
                ("is_renewal", models.BooleanField()),
                ("is_void", models.BooleanField()),
            ],
            options={
                "verbose_name": "checkpoint",
                "db_table": "stock_checkpoint",
                "managed": False,
            },
        ),
        NewTable(
            name="CheckpointItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "checkpoint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.checkpoint",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.item",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.site",
                    ),
                ),
                ("pending", models.BigIntegerField()),
                ("qualified", models.BigIntegerField()),
                ("rejected", models.BigIntegerField()),
                ("in_transit", models.BigIntegerField()),
                (
                    "balance_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None
                    ),
                ),
                (
                    "quantities",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None
                    ),
                ),
            ],
            options={
                "verbose_name": "checkpoint item",
                "db_table": "stock_checkpoint_item",
                "managed": False,
            },
        ),
        NewTable(
            name="StockAlert",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("below_minimum", "below its minimum"),
                            ("above_maximum", "above its maximum"),
                            ("resting", "resting"),
                        ],
                        max_length=20,
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
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="org.site"
                    ),
                ),
                ("quantity", models.BigIntegerField()),
                ("threshold", models.BigIntegerField()),
                ("raised_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "stock alert",
                "db_table": "stock_alert",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("kind", "item", "site"),
                        name="stock_alert_stands_once",
                    )
                ],
            },
        ),
        NewTable(
            name="EarlyWarning",
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
                    "lot",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.lot",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.site",
                    ),
                ),
                (
                    "licence",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.licence",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.product",
                    ),
                ),
                ("until", models.DateField()),
                ("step", models.PositiveIntegerField(null=True)),
                ("warned_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "early warning",
                "db_table": "stock_early_warning",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("lot", "site", "licence", "product", "until", "step"),
                        name="stock_early_warning_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("licence", None),
                                ("lot__isnull", False),
                                ("product", None),
                                ("site__isnull", False),
                            ),
                            models.Q(
                                ("licence__isnull", False),
                                ("lot", None),
                                ("product", None),
                                ("site", None),
                            ),
                            models.Q(
                                ("licence", None),
                                ("lot", None),
                                ("product__isnull", False),
                                ("site", None),
                            ),
                            _connector="OR",
                        ),
                        name="stock_early_warning_about_one",
                    ),
                ],
            },
        ),
        run_sql_file(__file__, "tables.sql"),
        run_sql_file(__file__, "judge.sql"),
        run_sql_file(__file__, "post.sql"),
        run_sql_file(__file__, "block.sql"),
        run_sql_file(__file__, "containers.sql"),
        run_sql_file(__file__, "allocate.sql"),
        run_sql_file(__file__, "past.sql"),
        remember_tables(__file__),
    ]
