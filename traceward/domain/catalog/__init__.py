"""Catalog: products (registration certificates 注册证), items (规格型号) and packaging levels.

An item is one model and specification; the product above it is the certificate it is sold under.
Each packaging level has its own UDI-DI and says how many base units it holds. # MDM-01
"""
