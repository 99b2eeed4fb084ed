"""Colour means state: the one tone of each state and status (docs/why/pages.md)."""

#: State or status → tone.
_OF = {
    state: tone
    for tone, states in (
        ("tw-ok", ("qualified", "approved", "released", "delivered", "signed", "put away")),
        ("tw-ok", ("done", "decided", "destroyed", "active")),
        (
            "tw-wait",
            ("pending inspection", "pending", "proposed", "submitted", "requested", "waiting"),
        ),
        ("tw-info", ("open", "picked", "checked", "shipped", "sent", "received", "planned")),
        ("tw-info", ("announced", "queued")),
        ("tw-warn", ("partly qualified",)),
        ("tw-bad", ("rejected", "parked", "recall")),
        ("tw-hold", ("hold",)),
    )
    for state in states
}


def tone_of(state: str) -> str:
    """The class that colours the state; mute where it says nothing that needs a colour."""
    return _OF.get(state, "tw-mute")
