"""Partners: suppliers, makers, customers, hospitals and carriers, with their licences 证照.

A partner is a Party in the roles it plays for us. A licence covers classes of device and an area
of trade until a day; what it does not cover is refused at purchase, receipt, sale and shipment.
"""
