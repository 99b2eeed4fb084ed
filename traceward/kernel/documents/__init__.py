"""Documents: the supertype that orders, receipts, inspections, shipments and recalls share.

One row with uid, type, number, legal entity, site and state; lines with numbers of their own;
links between documents; number series. Moves, reservations and signatures point at these.
"""
