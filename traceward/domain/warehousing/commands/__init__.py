"""The verbs of the warehouse. Every module is imported here so that its commands are registered."""

from traceward.domain.warehousing.commands import (
    changing,
    checking,
    counting,
    destroying,
    labelling,
    noting,
    packing,
    picking,
    putting_back,
    reading,
    receiving,
    refusing,
    shipping,
    storing,
    taking_back,
)

__all__ = [
    "changing",
    "checking",
    "counting",
    "destroying",
    "labelling",
    "noting",
    "packing",
    "picking",
    "putting_back",
    "reading",
    "receiving",
    "refusing",
    "shipping",
    "storing",
    "taking_back",
]
