"""Ground floor: time, identifiers, refusals, canonical bytes, the database's own facts and rights.

Owns the single row that says which database this is (`base_database`) and the clock `tw_now()`.
Nothing here knows of people, documents or goods.
"""
