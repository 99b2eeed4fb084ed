"""Sales: what customers ordered, what they signed for, what was used on patients.

Nouns: SalesOrder with its lines, Delivery (the signed proof that a shipment arrived), Usage (goods
used up in a department). An order is open until everything was signed
for, or until it is closed short or cancelled; how much of a line is
promised, picked, on the way, delivered and used is read from the ledger, never kept beside it.

Sales owns the orders, the signed deliveries and the usages, and the only rows of the product that
hold personal data of patients and receivers: they can be emptied, and reading them is on record.
It does not own the shipment (warehousing) or the promise of stock (stock).
"""
