"""Warehousing: goods come in, are put away, picked, checked and shipped.

A delivery is expected before it comes: the areas above say so (`warehousing.expect`), so that a
receipt can be held against what was announced without knowing whether a purchase, a transfer or
a return announced it. A receipt 收货 is made from the UDI codes on the goods; what it brings in
stands 待验 until quality decides. Putting away 上架 moves it into a place that suits it.

Nothing here decides about quality, and nothing here writes stock but through the ledger's post.
"""
