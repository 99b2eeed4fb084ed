"""The addresses of the pages; with them the pages are known."""

from django.urls import path, register_converter

from traceward.resources.kit import RESOURCES
from traceward.web import (
    administration,
    answering,
    find,
    helping,
    home,
    labels,
    pages,
    shared,
    signing_in,
    stationing,
    working,
)
from traceward.web.accounts import account
from traceward.web.consoles import (
    beginnings,
    drill,
    notice,
    opening,
    peeking,
    printing,
    recall,
    release,
    report,
    signing,
    trace,
)
from traceward.web.kit import (
    bulk,
    days,
    exports,
    forms,
    keeping,
    listed,
    opened,
    peek,
    pending,
    pickers,
    questions,
    scans,
    units,
)


class Area:
    """The area of a list; what is none leads nowhere."""

    regex = "[a-z_]+"

    def to_python(self, text: str) -> str:
        """Refused where no list is of this area."""
        if not any(found.area == text for found in RESOURCES.values()):
            raise ValueError(text)
        return text

    def to_url(self, text: str) -> str:
        """As it is."""
        return text


#: Where these pages stand in the panel.
AT_PEOPLE, AT_ROLES, AT_RIGHTS = (
    {"area": "org", "noun": noun} for noun in ("people", "roles", "role_permissions")
)

register_converter(Area, "area")
assert pages.modules, "pages declare themselves when they are imported"
urlpatterns = [
    path("", home.home),
    path("me", account.me),
    path("me/password", account.password),
    path("me/authenticator", account.authenticator),
    path("me/security-key", account.security_key),
    path("me/factors/<int:key>/remove", account.remove),
    path("me/recovery-codes", account.codes),
    path("me/sessions/end", account.end),
    path("me/pin", shared.set_one),
    path("me/device", shared.share),
    path("me/devices/<int:key>/end", shared.end_one),
    path("switch", shared.switch),
    path("station/lock", shared.lock),
    path("station/unlock", shared.unlock),
    path("board", home.show_board),
    path("arrange", home.arrange),
    path("alerts", home.show_alerts),
    path("alerts/count", home.count_alerts),
    path("alerts/acknowledge", home.acknowledge),
    path("site", home.choose_site),
    path("work", working.show_all),
    path("work/<str:key>", working.show_work),
    path("work/<str:key>/waiting", working.show_waiting),
    path("station", stationing.show_stations),
    path("station/labels/<str:key>.<str:form>", labels.show_labels),
    path("station/<str:key>", stationing.show_tasks),
    path("station/<str:key>/<int:pk>", stationing.show_task),
    path("help", helping.show_help),
    path("help/how", helping.show_procedures),
    path("help/dictionary", helping.show_dictionary),
    path("modules", home.modules),
    path("modules/<str:key>/pending", pending.show_pending),
    path("sign-in", signing_in.sign_in),
    path("sign-in/second", signing_in.second),
    path("sign-out", signing_in.sign_out),
    path("choose", signing_in.choose),
    path("answer/<str:secret>", answering.show_answer),
    path("find", find.find),
    path("pick/<area:area>/<str:noun>", pickers.show_options),
    path("scan", scans.show_scan),
    path("units", units.show_units),
    path("day", days.show_day),
    path("do/<str:verb>", forms.show_form),
    path("trace", trace.show_trace),
    path("trace/begin", beginnings.show_beginnings),
    path("trace/<str:kind>/<int:key>", trace.show_goods),
    path("trace/<str:kind>/<int:key>/box/<str:box>", peeking.show_box),
    path("trace/<str:kind>/<int:key>/report.pdf", report.show_report),
    path("trace/<str:kind>/<int:key>/epcis.json", report.show_events),
    path("recall/new", opening.show_opening),
    path("recall/<int:key>", recall.show_recall),
    path("recall/<int:key>/report.pdf", printing.show_recall_report),
    path("recall/<int:key>/notices.pdf", notice.show_notices),
    path("drill/<int:key>", drill.show_drill),
    path("drill/<int:key>/report.pdf", printing.show_drill_report),
    path("release", release.show_release),
    path("release/sign", signing.show_sign),
    path("release/signed", signing.show_signed),
    path("ask/<str:name>", questions.show_question),
    path("ask/<str:name>/export.csv", questions.export),
    path("documents/files/<str:key>/content", opened.show_file),
    path("warehousing/label_prints/<str:key>/labels.<str:form>", labels.show_labels),
    path("org/people/<int:key>", administration.person, AT_PEOPLE),
    path("org/roles/<int:key>", administration.role, AT_ROLES),
    path("org/role_permissions", administration.matrix, AT_RIGHTS),
    path("<area:area>/<str:noun>", listed.show_list),
    path("<area:area>/<str:noun>/counts", listed.show_counts),
    path("<area:area>/<str:noun>/views", keeping.keep),
    path("<area:area>/<str:noun>/bulk/<str:verb>", bulk.show_bulk),
    path("<area:area>/<str:noun>/bulk/<str:verb>/done", bulk.show_done),
    path("<area:area>/<str:noun>/export.csv", exports.export, {"kind": "csv"}),
    path("<area:area>/<str:noun>/export.xlsx", exports.export, {"kind": "xlsx"}),
    path("<area:area>/<str:noun>/<str:key>/peek", peek.peek),
    path("<area:area>/<str:noun>/<str:key>", opened.show_document),
]
