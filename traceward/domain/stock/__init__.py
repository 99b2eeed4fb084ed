"""Stock: the one ledger of goods.

Owns lots, serials, containers, moves, balances, reservations, blocks, genealogy, checkpoints and
closed periods. A move is one row from → to, so every row is double entry by itself; balances are
updated in the same transaction by the database function `stock_post`, which runs as the owner:
the application can read the ledger and can write it through that function only. # INV-01 INV-02

Stored statuses are 待验 pending, 合格 qualified and 不合格 rejected; expired, on hold, recalled,
reserved and in transit are derived. What each state allows stands in `stock_status_policy`.
"""
