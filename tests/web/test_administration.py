"""People, roles and keys as an administrator looks after them. # ORG-02 ORG-03 SEC-01"""

import re
import uuid

import pytest
from django.test import Client

from tests.web.local import browser_at
from tests.world import LONG_AGO, World
from traceward.kernel.command.setup import set_up_roles
from traceward.kernel.org import roles
from traceward.kernel.org.models import ApiKey, Person, Role, RoleGrant, SignIn


@pytest.fixture
def admin(world: World) -> Client:
    """The administrator of the whole group, signed in."""
    set_up_roles()
    client = Client()
    client.force_login(Person.objects.get(pk=world.by(roles.ADMINISTRATOR).person_id))
    client.cookies["language"] = "en"
    return client


@pytest.fixture
def newcomer(world: World) -> Person:
    person = Person(login="lan", name_zh="兰", name_en="Lan")
    person.set_password("a long and quiet evening")
    person.save()
    return person


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_a_role_is_given_and_taken_where_the_person_stands(
    admin: Client, newcomer: Person, world: World
) -> None:
    here = f"/org/people/{newcomer.pk}"
    given = {
        "person_id": f"#{newcomer.pk}",
        "role": "picker",
        "site_id": f"#{world.shanghai.pk}",
        "legal_entity_id": "",
        "request_id": uuid.uuid4(),
        "next": here,
    }
    assert "Give a role" in text_of(admin, here)
    assert admin.post("/do/org.grant_role", given)["Location"] == here
    assert "Picker" in text_of(admin, here)
    grant = RoleGrant.objects.get(person=newcomer)
    assert grant.site_id == world.shanghai.pk
    html = admin.get(here).content.decode()
    assert f"/do/org.revoke_role?grant_id={grant.pk}" in html
    taken = {"grant_id": f"#{grant.pk}", "reason": "moved", "next": here}
    assert admin.post("/do/org.revoke_role", taken)["Location"] == here
    assert f"grant_id={grant.pk}" not in admin.get(here).content.decode()


def test_a_password_made_here_is_shown_once(admin: Client, newcomer: Person) -> None:
    asked = {"person_id": f"#{newcomer.pk}", "request_id": uuid.uuid4()}
    html = admin.post("/do/org.reset_password", asked).content.decode()
    shown = re.search(r'tw-secret">([a-z2-9-]{17})<', html)
    assert shown
    newcomer.refresh_from_db()
    assert newcomer.check_password(shown[1])
    again = admin.post("/do/org.reset_password", asked).content.decode()
    assert shown[1] not in again


def test_a_key_is_made_shown_once_and_revoked(admin: Client) -> None:
    program = Person.objects.create(login="wms", name_en="WMS", password="!")
    here = f"/org/people/{program.pk}"
    assert "org.issue_key" in admin.get(here).content.decode()
    asked = {"person_id": f"#{program.pk}", "label": "WMS", "next": here}
    html = admin.post("/do/org.issue_key", asked).content.decode()
    assert re.search(r'tw-secret">twk_[\w-]{43}<', html)
    assert "data-copy" in html
    key = ApiKey.objects.get()
    assert f"/do/org.revoke_key?key_id={key.pk}" in admin.get(here).content.decode()
    assert "Program" in text_of(admin, here)


def test_a_role_says_what_it_may_do_and_who_has_it(admin: Client, world: World) -> None:
    role = Role.objects.get(code=roles.CHECKER.code)
    told = text_of(admin, f"/org/roles/{role.pk}")
    assert "A password is enough" in told
    assert "Outbound" in told
    assert "test-checker" in told
    asked = {"role_id": f"#{role.pk}", "needs_second_factor": "true", "reason": "they let goods go"}
    admin.post("/do/org.require_second_factor", asked)
    assert "Signs in with a second factor" in text_of(admin, f"/org/roles/{role.pk}")


def test_roles_are_compared_in_a_table(admin: Client) -> None:
    html = admin.get("/org/role_permissions?area=warehousing").content.decode()
    row = re.search(r'<tr><th scope="row">.{0,60}warehousing\.check".*?</tr>', html, re.S)
    assert row
    assert row[0].count("visually-hidden") == 1
    assert admin.get("/org/role_permissions?view=all").status_code == 200
    assert admin.get("/org/role_permissions?area=nowhere").status_code == 200


def test_who_may_not_look_is_told_so(admin: Client, newcomer: Person, world: World) -> None:
    picker = browser_at(world, roles.PICKER, world.shanghai)
    assert picker.get(f"/org/people/{newcomer.pk}").status_code == 403
    assert admin.get("/org/people/987654321").status_code == 404


def test_a_role_is_given_away_within_ones_own_scope(
    admin: Client, newcomer: Person, world: World
) -> None:  # ORG-03
    local = browser_at(world, roles.ADMINISTRATOR, world.shanghai)
    html = local.get(f"/org/people/{newcomer.pk}").content.decode()
    assert f'value="#{world.shanghai.pk}"' in html
    assert f'value="#{world.chengdu.pk}"' not in html
    asked = {"person_id": f"#{newcomer.pk}", "role": "picker"}
    for place in (f"#{world.chengdu.pk}", ""):
        answer = local.post("/do/org.grant_role", {**asked, "site_id": place})
        assert answer.status_code == 403, place
    assert not RoleGrant.objects.filter(person=newcomer).exists()


def test_a_site_sees_no_sessions_of_the_group(newcomer: Person, world: World) -> None:
    set_up_roles()
    SignIn.objects.create(
        person=newcomer, signed_in_at=LONG_AGO, seen_at=LONG_AGO, address="192.0.2.7"
    )
    local = browser_at(world, roles.ADMINISTRATOR, world.shanghai)
    assert "192.0.2.7" not in local.get(f"/org/people/{newcomer.pk}").content.decode()
