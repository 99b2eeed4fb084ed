"""The pages of each part of the work: what the lists show first and what may be done from them.

`modules` has the rail and the panels; every other module declares the pages of one area.
"""

from traceward.web.pages import (
    about,
    buying,
    drawings,
    homes,
    inbound,
    inspecting,
    making,
    master,
    modules,
    moving,
    outbound,
    procedures,
    producing,
    quality,
    records,
    selling,
    stock,
    suggestions,
    system,
    waits,
    work,
    worklists,
)

__all__ = [
    "about",
    "buying",
    "drawings",
    "homes",
    "inbound",
    "inspecting",
    "making",
    "master",
    "modules",
    "moving",
    "outbound",
    "procedures",
    "producing",
    "quality",
    "records",
    "selling",
    "stock",
    "suggestions",
    "system",
    "waits",
    "work",
    "worklists",
]
