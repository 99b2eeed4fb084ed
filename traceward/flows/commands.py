"""Every flow is imported here so that its commands are registered."""

from traceward.flows import inbound, outbound

__all__ = ["inbound", "outbound"]
