"""Every flow is imported here so that its commands are registered."""

from traceward.flows import acceptance, inbound, outbound

__all__ = ["acceptance", "inbound", "outbound"]
