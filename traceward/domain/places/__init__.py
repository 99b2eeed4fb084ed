"""Places: where goods can be, from a bin to a customer's shelf, with their kind and temperature.

Boundary places stand for what lies outside our walls: supplier, customer, department, used,
repair, destruction, adjustment, production. Supplier, production and adjustment may go below
zero; nothing else may. A place's kind never changes.
"""
