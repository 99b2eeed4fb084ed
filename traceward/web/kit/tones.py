"""Colour means state: the one tone of each state and status (docs/adr/0238)."""

#: State or status → tone.
_OF = {
    state: tone
    for tone, states in (
        ("tw-ok", ("qualified", "approved", "delivered", "signed", "put away")),
        ("tw-ok", ("done", "decided", "destroyed", "active")),
        ("tw-wait", ("pending inspection", "pending")),
        ("tw-ask", ("proposed", "submitted", "requested", "waiting")),
        ("tw-info", ("open", "picked", "checked", "shipped", "sent", "received", "planned")),
        ("tw-info", ("announced", "queued", "released")),
        ("tw-warn", ("partly qualified",)),
        ("tw-bad", ("rejected", "parked", "recall")),
        ("tw-hold", ("hold",)),
    )
    for state in states
}


#: Where the same word says that it is over: a held command that was let through.
_OWN = {("workflow.held", "released"): "tw-ok"}


def tone_of(state: str, name: str = "") -> str:
    """The class that colours the state of such rows; mute where it needs no colour."""
    return _OWN.get((name, state)) or _OF.get(state, "tw-mute")
