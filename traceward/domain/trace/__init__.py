"""Trace: from any lot, serial, container, document, place or partner to everything up and down.

Owns no tables. The nodes are lots and serials, which share one number range; edges are the
ledger's genealogy (this went into that), and each serial follows its lot. `queries` finds the
set of nodes first and then fetches quantities, edges, whereabouts and documents for that set;
`balance` accounts for every unit of a lot. # TRC-01
"""
