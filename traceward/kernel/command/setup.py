"""What a database needs besides its schema: the roles of the trade, and our own jobs' person."""

from django.db.models import DateTimeField, Func, Max

from traceward.kernel.command.registry import READINGS, REGISTRY
from traceward.kernel.org import roles
from traceward.kernel.org.models import Person, Role, RoleGrant, RolePermission
from traceward.kernel.outbox.models import CommandOrder, HandlerProgress
from traceward.kernel.records.names import sort_key

SYSTEM_LOGIN = "system"
#: Who acts for whoever answers by a link: the audit entry names the firm and the person.
CONSIGNEE_LOGIN = "consignee"
#: Behind all events of a command.
LAST_ORDINAL = 2**31 - 1


def set_up_roles() -> None:
    """Every role exists, with the permissions that commands and resources give it by default.

    What they newly declare is added; none is taken. No command changes what a role may do yet.
    """
    for name in (*roles.ALL, roles.CONSIGNEE):
        Role.objects.get_or_create(
            code=name.code,
            defaults={
                "name_zh": name.zh,
                "name_en": name.en,
                "sort_key": sort_key(name.zh, name.en),
            },
        )
    ids = dict(Role.objects.values_list("code", "pk"))
    allowed = {command.verb: command.roles for command in REGISTRY.values()} | READINGS
    wanted = [
        RolePermission(role_id=ids[role.code], permission=permission)
        for permission, names in allowed.items()
        for role in names
    ]
    RolePermission.objects.bulk_create(wanted, ignore_conflicts=True)


def set_up_system_person() -> None:
    """Our own jobs act as "system", whoever answers by a link as "consignee"; each has its role."""
    _set_up_account(SYSTEM_LOGIN, roles.SYSTEM, "系统", "System")
    _set_up_account(CONSIGNEE_LOGIN, roles.CONSIGNEE, "收货单位（凭链接）", "Consignee (by link)")


def _set_up_account(login: str, role: roles.RoleName, name_zh: str, name_en: str) -> None:
    person, is_new = Person.objects.get_or_create(
        login=login,
        defaults={"name_zh": name_zh, "name_en": name_en, "is_system": True, "password": "!"},
    )
    if is_new:
        RoleGrant.objects.create(
            person=person,
            role=Role.objects.get(code=role.code),
            granted_at=Func(function="tw_now", output_field=DateTimeField()),
        )


def set_up_handlers() -> None:
    """Every handler has its place in the sequence; a new one begins at its end, or as it says."""
    known = set(HandlerProgress.objects.values_list("handler", flat=True))
    new = [c for c in REGISTRY.values() if c.subscribes and c.verb not in known]
    if not new:
        return
    end = CommandOrder.objects.aggregate(end=Max("sequence"))["end"] or 0
    begins = {True: (0, 0), False: (end, LAST_ORDINAL)}
    rows = [
        HandlerProgress(handler=c.verb, last_sequence=sequence, last_ordinal=ordinal)
        for c in new
        for sequence, ordinal in [begins[c.from_start]]
    ]
    HandlerProgress.objects.bulk_create(rows, ignore_conflicts=True)
