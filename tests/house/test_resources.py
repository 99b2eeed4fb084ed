"""Every table of ours is read by a resource, or says why it is not; columns keep no secret."""

import json

from django.apps import apps

from traceward.kernel.base.models import PersonalNote, Table
from traceward.kernel.command.registry import REGISTRY
from traceward.resources.kit import EVERYBODY, QUESTIONS, RESOURCES

PERSONAL = "personal: read by a command that keeps who read it and why"
#: Tables that no resource shows, and why.
NOT_READ = {
    "base.Database": "one row; the health page says what it says",
    "command.AnsweredRequest": "answers are given again to who asked, and to nobody else",
    "documents.VoidedFile": "read as part of the file that does not count",
    "documents.NumberSeries": "the next number is nobody's before it is given",
    "org.Pin": "only a hash is kept; its person sees since when there is one",
    "org.RecoveryCode": "only digests are kept; their person sees how many are left",
    "org.UnknownTry": "counts for some minutes what names nobody",
    "outbox.QueuedCommand": "waits for milliseconds; the health page counts it",
    "partners.Salesperson": PERSONAL,
    "records.StoredFile": "read as the file of a document, in the document's scope",
    "sales.DeliveryReceiver": PERSONAL,
    "sales.OrderContact": PERSONAL,
    "sales.PatientReference": PERSONAL,
    "stock.Checkpoint": "makes questions about the past quick; says nothing of its own",
    "stock.CheckpointItem": "makes questions about the past quick; says nothing of its own",
    "stock.VoidTransformation": "genealogy leaves such edges out",
    "warehousing.ReceiptDeliverer": PERSONAL,
    "warehousing.RefusalDeliverer": PERSONAL,
    "workflow.Board": "how a person arranged their own first page; the page itself shows it",
}


def test_every_table_is_read() -> None:
    shown = {resource.model for resource in RESOURCES.values()}
    ours = [model for model in apps.get_models() if issubclass(model, Table)]
    missing = sorted(
        m._meta.label for m in ours if m not in shown and m._meta.label not in NOT_READ
    )
    assert not missing, (
        "declare a resource in traceward/resources (docs/guides/add-a-resource.md), or say in "
        "NOT_READ why nobody reads it:\n" + "\n".join(missing)
    )
    needless = sorted(label for label in NOT_READ if apps.get_model(label) in shown)
    assert not needless, f"these are read; take them out of NOT_READ: {needless}"


def test_no_column_shows_what_is_private() -> None:  # SEC-01
    shown = []
    for resource in RESOURCES.values():
        for column in resource.columns.values():
            if column.path in resource.made:
                continue
            model = column.field.model
            if column.field.name in getattr(model, "private", ()):
                shown.append(f"{resource.name}.{column.name}")
    assert not shown, f"private columns are shown to nobody: {shown}"


def test_each_personal_note_is_read_on_record() -> None:  # SEC-01
    notes = [model for model in apps.get_models() if issubclass(model, PersonalNote)]
    assert notes
    for model in notes:
        reading = REGISTRY.get(getattr(model, "reader", ""))
        assert reading is not None, (
            f"{model._meta.label} is kept and nobody can ask for it: name in `reader` a command "
            "that reads it and takes a reason (traceward/kernel/command/notes.py)"
        )
        assert "reason" in reading.names, reading.verb
        assert '"format": "erasable"' in json.dumps(reading.outcome.json_schema()), reading.verb


HASHED = "only its hash is kept"
ENCLOSED = "it is kept enclosed, and shown to nobody"
#: Where the erasable texts that commands take are kept; or why they are not.
KEPT_AS = {
    "inbound.receive_notice": "warehousing.ReceiptDeliverer",
    "org.add_authenticator": ENCLOSED,
    "org.change_password": HASHED,
    "org.set_password": HASHED,
    "org.set_pin": HASHED,
    "partners.add_licence": "partners.Salesperson",
    "recalls.answer_by_link": HASHED,
    "recalls.open_link": HASHED,
    "sales.order": "sales.OrderContact",
    "sales.receive_return": "warehousing.ReceiptDeliverer",
    "sales.sign_for": "sales.DeliveryReceiver",
    "sales.use": "sales.PatientReference",
    "transfers.receive": "warehousing.ReceiptDeliverer",
    "warehousing.receive": "warehousing.ReceiptDeliverer",
    "warehousing.refuse_delivery": "warehousing.RefusalDeliverer",
}


def test_each_erasable_argument_has_a_reader() -> None:  # SEC-01
    ours = (x for x in REGISTRY.values() if x.function.__module__.startswith("traceward."))
    taking = {command.verb for command in ours if command.has_erasable}
    assert taking == set(KEPT_AS), "say in KEPT_AS where the text is kept, so that it can be read"
    notes = {m._meta.label for m in apps.get_models() if issubclass(m, PersonalNote)}
    assert notes == set(KEPT_AS.values()) - {HASHED, ENCLOSED}


def test_search_order_and_parts_name_columns() -> None:
    for resource in RESOURCES.values():
        named = {*resource.search, *resource.only, *(n.removeprefix("-") for n in resource.order)}
        assert named <= set(resource.columns), (resource.name, named - set(resource.columns))
        for part, column in resource.parts.values():
            assert column in RESOURCES[part].columns, (resource.name, part, column)


def test_the_auditor_may_read_everything() -> None:  # ORG-02
    for reading in (*RESOURCES.values(), *QUESTIONS.values()):
        assert "auditor" in {role.code for role in reading.readers}, reading.name
    assert "system" not in {role.code for role in EVERYBODY}
