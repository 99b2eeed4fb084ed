"""Production: what is to be made, what was handed out for it, and what was made of what.

Nouns: Bom (what an item is made of, in versions), WorkOrder 工单 with its ComponentLines, the
IssuedGoods 配料 that stand in its WIP place 在制, and Transformation: the lots and serials that
went in and those that came out. A transformation is recorded as a whole or not at all, so that no
output is without its inputs; a completion of an order is one, and so is a kit made without order.
What comes out waits for quality, as everything that comes in does.

States of an order: planned → released → closed, or cancelled while nothing is out for it. It
closes when everything issued was consumed, returned or scrapped. # PRO-01 PRO-02

Operations, capacity and the batch record are not here yet.
"""
