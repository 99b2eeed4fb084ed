"""What counts for the whole group is offered to who may do it there. # ORG-02 ORG-03"""

from tests.web.local import browser_at
from tests.web.test_pages import browser, company
from tests.world import World
from traceward.kernel.org import roles

__all__ = ["company"]


def test_who_has_the_role_at_one_site_is_not_offered_it(world: World) -> None:
    whole = browser(world, roles.QUALITY_HEAD)
    local = browser_at(world, roles.QUALITY_HEAD, world.shanghai)
    assert whole.get("/do/recalls.open").status_code == 200
    assert local.get("/do/recalls.open").status_code == 403
    assert 'href="/recall/new' in whole.get("/recalls/cases").content.decode()
    assert 'href="/recall/new' not in local.get("/recalls/cases").content.decode()
    assert local.post("/do/recalls.open", {"reason": "x"}).status_code == 403
    assert local.get("/do/stock.block").status_code == 200  # what counts at a site stays offered
