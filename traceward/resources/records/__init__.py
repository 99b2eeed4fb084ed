"""The records that GSP 2023 asks for: read as resources, printed in the words of the trade.

Which fields, by which article, and when one of them does not apply, is declared once, here;
docs/reference/records.md, the lists of the API and the figure of completeness are made from it.
"""

from traceward.resources.records import inbound, outbound, questions, returned, store

__all__ = ["inbound", "outbound", "questions", "returned", "store"]
