"""Who: parties, legal entities, sites, people, roles and where each role counts.

A Party is anybody who can own goods or hold a licence: our own legal entities and our partners
share it. A grant gives a person a role for a legal entity, a site, or everywhere. # ORG-01 ORG-03
"""
