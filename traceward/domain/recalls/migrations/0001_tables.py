import django.db.models.deletion
from django.db import migrations, models

import traceward.kernel.base.ids
from traceward.kernel.base.sqlfile import remember_tables, run_sql_file
from traceward.kernel.base.tables import NewTable


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("base", "0001_tables"),
        ("catalog", "0001_tables"),
        ("documents", "0001_tables"),
        ("org", "0001_tables"),
        ("outbox", "0001_tables"),
        ("partners", "0001_tables"),
        ("places", "0001_tables"),
        ("stock", "0001_tables"),
        ("warehousing", "0001_tables"),
    ]

    operations = [
        NewTable(
            name="RecallCase",
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
                    "level",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "level 1: serious harm"),
                            (2, "level 2: temporary or reversible harm"),
                            (3, "level 3: harm unlikely"),
                        ]
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                ("decided_on", models.DateField()),
                ("notify_until", models.DateField()),
                ("plan_until", models.DateField(null=True)),
                (
                    "origin",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("complaint", "complaint"),
                            ("supplier", "notice of the supplier or manufacturer"),
                            ("regulator", "order of the regulator"),
                            ("own", "found by ourselves"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "origin_party",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.party",
                    ),
                ),
                ("origin_informant", models.CharField(blank=True, max_length=120)),
                ("origin_received_on", models.DateField(null=True)),
                ("origin_reference", models.CharField(blank=True, max_length=60)),
                ("origin_text", models.CharField(blank=True, max_length=1000)),
                ("conclusion", models.CharField(blank=True, max_length=1000)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "continued_in",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="recalls.recallcase",
                    ),
                ),
                ("summary_until", models.DateField(null=True)),
            ],
            options={
                "verbose_name": "recall case",
                "db_table": "recalls_case",
            },
            bases=("documents.document",),
        ),
        NewTable(
            name="RecallTarget",
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
                        null=True,
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
                ("serial_from", models.CharField(blank=True, max_length=40)),
                ("serial_to", models.CharField(blank=True, max_length=40)),
                ("supplier_lot", models.CharField(blank=True, max_length=40)),
                (
                    "supplier",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.party",
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.document",
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
                ("from_at", models.DateTimeField(null=True)),
                ("until_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="targets",
                        to="recalls.recallcase",
                    ),
                ),
                ("added_at", models.DateTimeField()),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "recall target",
                "db_table": "recalls_target",
            },
        ),
        NewTable(
            name="RecallScope",
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
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="scopes",
                        to="recalls.recallcase",
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
                    "target",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="recalls.recalltarget",
                    ),
                ),
                ("is_downstream", models.BooleanField(default=False)),
                (
                    "block",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.stockblock",
                    ),
                ),
            ],
            options={
                "verbose_name": "recall scope",
                "db_table": "recalls_scope",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("case", "item", "lot", "serial"),
                        name="recalls_scope_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        NewTable(
            name="RecallNotice",
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
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="recalls.recallcase",
                    ),
                ),
                (
                    "consignee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.party",
                    ),
                ),
                ("quantity", models.PositiveBigIntegerField()),
                ("notified_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "recall notice",
                "db_table": "recalls_notice",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("case", "consignee"), name="recalls_notice_once"
                    )
                ],
            },
        ),
        NewTable(
            name="RecallMessage",
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
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="messages",
                        to="recalls.recallnotice",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("notice", "recall notice"),
                            ("reminder", "reminder"),
                            ("link", "link handed over"),
                            ("call", "telephone call"),
                            ("paper", "printed notice handed over"),
                        ],
                        max_length=10,
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "contact",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.contact",
                    ),
                ),
                (
                    "mail",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="outbox.mail",
                    ),
                ),
                ("sha256", models.BinaryField(max_length=32, null=True, unique=True)),
                ("expires_at", models.DateTimeField(null=True)),
                ("language", models.CharField(default="zh-hans", max_length=10)),
                ("note", models.CharField(blank=True, max_length=300)),
                ("made_at", models.DateTimeField()),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.person",
                    ),
                ),
                ("opened_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "recall message",
                "db_table": "recalls_message",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("notice", "number"), name="recalls_message_once"
                    )
                ],
            },
        ),
        NewTable(
            name="RecallAnswer",
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
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="recalls.recallnotice",
                    ),
                ),
                ("answered_at", models.DateTimeField()),
                ("found", models.PositiveBigIntegerField()),
                ("gone", models.PositiveBigIntegerField()),
                ("answer", models.CharField(blank=True, max_length=300)),
                ("quarantined", models.PositiveBigIntegerField(null=True)),
                ("used", models.PositiveBigIntegerField(null=True)),
                ("said_by", models.CharField(blank=True, max_length=60)),
                (
                    "message",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answer",
                        to="recalls.recallmessage",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "recall answer",
                "db_table": "recalls_answer",
            },
        ),
        NewTable(
            name="RecallCheck",
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
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="checks",
                        to="recalls.recallnotice",
                    ),
                ),
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("visit", "visit"),
                            ("telephone", "telephone call"),
                            ("letter", "letter or e-mail"),
                            ("records", "its records, sent to us"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("acted", "told and acted"),
                            ("not_acted", "told, did not act"),
                            ("not_told", "was not told"),
                            ("not_reached", "nobody was reached"),
                        ],
                        max_length=12,
                    ),
                ),
                ("checked_on", models.DateField()),
                ("note", models.CharField(blank=True, max_length=300)),
                ("recorded_at", models.DateTimeField()),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "effectiveness check",
                "db_table": "recalls_check",
            },
        ),
        NewTable(
            name="RecallReport",
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
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reports",
                        to="recalls.recallcase",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("decision", "recall decision"),
                            ("plan", "investigation and recall plan"),
                            ("progress", "progress of the plan"),
                            ("summary", "summary"),
                        ],
                        max_length=10,
                    ),
                ),
                ("reported_on", models.DateField()),
                ("reference", models.CharField(blank=True, max_length=60)),
                ("note", models.CharField(blank=True, max_length=300)),
                ("recorded_at", models.DateTimeField()),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "recall report",
                "db_table": "recalls_report",
            },
        ),
        NewTable(
            name="RecallDrill",
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
                    "level",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "level 1: serious harm"),
                            (2, "level 2: temporary or reversible harm"),
                            (3, "level 3: harm unlikely"),
                        ]
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                ("began_at", models.DateTimeField()),
                ("concluded_at", models.DateTimeField(null=True)),
                ("limit_minutes", models.PositiveIntegerField()),
                ("found_ms", models.PositiveIntegerField()),
                ("located_ms", models.PositiveIntegerField()),
                ("consignees_ms", models.PositiveIntegerField()),
                ("promises_ms", models.PositiveIntegerField()),
                ("scopes", models.PositiveIntegerField()),
                ("downstream", models.PositiveIntegerField()),
                ("standing", models.BigIntegerField()),
                ("held", models.BigIntegerField()),
                ("consigned", models.BigIntegerField()),
                ("in_process", models.BigIntegerField()),
                ("difference", models.BigIntegerField()),
                ("consignees", models.PositiveIntegerField()),
                ("promises", models.PositiveIntegerField()),
                ("promised", models.PositiveBigIntegerField()),
                ("score", models.DecimalField(decimal_places=1, max_digits=4)),
                ("conclusion", models.CharField(blank=True, max_length=1000)),
                ("next_on", models.DateField()),
            ],
            options={
                "verbose_name": "recall drill",
                "db_table": "recalls_drill",
            },
            bases=("documents.document",),
        ),
        NewTable(
            name="DrillTarget",
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
                        null=True,
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
                ("serial_from", models.CharField(blank=True, max_length=40)),
                ("serial_to", models.CharField(blank=True, max_length=40)),
                ("supplier_lot", models.CharField(blank=True, max_length=40)),
                (
                    "supplier",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.party",
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.document",
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
                ("from_at", models.DateTimeField(null=True)),
                ("until_at", models.DateTimeField(null=True)),
                (
                    "drill",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="targets",
                        to="recalls.recalldrill",
                    ),
                ),
            ],
            options={
                "verbose_name": "target of a drill",
                "db_table": "recalls_drill_target",
            },
        ),
        NewTable(
            name="DrillFinding",
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
                    "drill",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="recalls.recalldrill",
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        choices=[
                            ("came_in", "came in"),
                            ("went_out", "went out"),
                            ("stands", "stands there"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "place_kind",
                    models.CharField(
                        choices=[
                            ("warehouse", "warehouse"),
                            ("zone", "zone"),
                            ("bin", "bin"),
                            ("dock", "dock"),
                            ("staging", "staging area"),
                            ("transit", "in transit"),
                            ("supplier", "supplier"),
                            ("customer", "customer"),
                            ("department", "department"),
                            ("used", "used"),
                            ("repair", "repair"),
                            ("destruction", "destruction"),
                            ("adjustment", "adjustment"),
                            ("production", "production"),
                        ],
                        max_length=20,
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
                    "consignee",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.party",
                    ),
                ),
                ("is_consigned", models.BooleanField(default=False)),
                ("is_rejected", models.BooleanField(default=False)),
                ("rows", models.PositiveIntegerField(default=0)),
                ("quantity", models.BigIntegerField()),
            ],
            options={
                "verbose_name": "finding of a drill",
                "db_table": "recalls_drill_finding",
            },
        ),
        NewTable(
            name="DrillConsignee",
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
                    "drill",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="recalls.recalldrill",
                    ),
                ),
                (
                    "consignee",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.party",
                    ),
                ),
                ("delivered", models.BigIntegerField()),
                ("returned", models.BigIntegerField()),
                ("used", models.BigIntegerField()),
                ("destroyed", models.BigIntegerField()),
                ("passed_on", models.BigIntegerField()),
                ("standing", models.BigIntegerField()),
                ("consigned", models.BigIntegerField()),
                ("on_the_way", models.BigIntegerField()),
                ("has_contact", models.BooleanField()),
                ("has_licence", models.BooleanField()),
            ],
            options={
                "verbose_name": "consignee of a drill",
                "db_table": "recalls_drill_consignee",
            },
        ),
        NewTable(
            name="DrillAction",
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
                    "drill",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="actions",
                        to="recalls.recalldrill",
                    ),
                ),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("hold", "hold the goods"),
                            ("isolate", "move to quarantine"),
                            ("release", "take back the promise"),
                            ("tell", "tell the consignee"),
                            ("fetch", "fetch the goods back"),
                        ],
                        max_length=10,
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
                ("is_downstream", models.BooleanField(default=False)),
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
                    "document",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.document",
                    ),
                ),
                (
                    "consignee",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.party",
                    ),
                ),
                ("quantity", models.BigIntegerField(null=True)),
            ],
            options={
                "verbose_name": "draft of a drill",
                "db_table": "recalls_drill_action",
            },
        ),
        NewTable(
            name="DrillPoint",
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
                    "drill",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="points",
                        to="recalls.recalldrill",
                    ),
                ),
                (
                    "aspect",
                    models.CharField(
                        choices=[
                            ("adds_up", "every unit is located"),
                            ("named", "who has it is named"),
                            ("reachable", "consignees can be reached"),
                            ("licensed", "consignees have a licence in force"),
                            ("in_time", "done in time"),
                        ],
                        max_length=10,
                    ),
                ),
                ("weight", models.PositiveSmallIntegerField()),
                ("points", models.DecimalField(decimal_places=1, max_digits=4)),
                ("part", models.BigIntegerField()),
                ("whole", models.BigIntegerField()),
            ],
            options={
                "verbose_name": "point of a drill",
                "db_table": "recalls_drill_point",
            },
        ),
        run_sql_file(__file__, "gate.sql"),
        remember_tables(__file__),
    ]
