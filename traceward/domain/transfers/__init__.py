"""Transfers 调拨: goods go from one site of the group to another, over a shipment's transit place.

Nouns: TransferOrder with its lines, Discrepancy (what came damaged, or did not come). A transfer is
asked for by the site that needs the goods, approved at the site that gives them by somebody else,
and closed once nothing of it is on the way. How much of a line is promised, picked, on the way and
there is read from the ledger.

Between two legal entities of the group the goods change their owner when they are received; until
then what is on the way is the sender's. What does not arrive stands in transit until it is found,
or written off by a signed decision.

Picking, check, packing and shipping are warehousing's; quality decides about what arrives 待验.
"""
