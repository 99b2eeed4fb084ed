"""Products and suppliers that are new to us 首营品种、首营企业, as the plan has them."""

from datetime import date

from traceward.cli.company.articles import newcomers
from traceward.cli.company.group import gln, uscc
from traceward.cli.company.plan.steps import Approach, Introduce
from traceward.cli.company.play.opening import enter_product
from traceward.cli.company.play.player import Player
from traceward.domain.catalog.commands import qualify_product
from traceward.domain.partners.commands import add_licence, register
from traceward.domain.partners.models import LicenceKind
from traceward.kernel.command.people import register_party
from traceward.kernel.org import roles

#: The supplier's number, behind those of all firms that are there from the beginning.
NUMBER = 90


def introduce(player: Player, step: Introduce) -> None:
    """The product is entered; quality has approved it, or will."""
    _, certificate = newcomers()[step.code]
    product_id = enter_product(player.known, certificate)
    if step.is_approved:
        by = player.known.signing(roles.QUALITY_HEAD)
        qualify_product(product_id, "首营品种审核：注册证、标签样稿齐全", by=by)


def approach(player: Player, step: Approach) -> None:
    """The supplier and its papers are entered; quality has not audited them yet."""
    known = player.known
    party_id = register_party(
        step.zh,
        step.en,
        uscc=uscc("91", NUMBER),
        gln=gln(NUMBER),
        country="CN",
        address=f"云锦大道 {NUMBER} 号",
        phone=f"0999-{NUMBER:07d}",
        by=known.by(roles.DATA_OWNER),
    ).id
    add_licence(
        party_id,
        LicenceKind.PRODUCTION,
        "粤药监械生产许20259090号",
        [2],
        date(2025, 3, 1),
        valid_until=date(2030, 2, 28),
        by=known.by(roles.COMPLIANCE),
    )
    by = known.by(roles.DATA_OWNER)
    register(party_id, step.code, is_supplier=True, is_maker=True, by=by)
