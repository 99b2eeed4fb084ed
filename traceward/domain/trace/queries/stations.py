"""Stations: the places of a trace as few as a person thinks of them. # TRC-01

All our places of one site are one station, all places of one customer are, and so is what each of
them used up; each shipment on its way is one by itself.
"""

#: Of a place `p` of a move `m` and the move's receipt `r` or return `v`: the kind of station, and
#: the id of its site, transit place or party; null where the ledger does not say whose it is.
KIND = """CASE p.kind WHEN 'customer' THEN 'consignee' WHEN 'department' THEN 'consignee'
  WHEN 'transit' THEN 'transit' WHEN 'used' THEN 'used' WHEN 'supplier' THEN 'supplier'
  WHEN 'production' THEN 'production' WHEN 'adjustment' THEN 'adjustment'
  WHEN 'destruction' THEN 'destruction' ELSE 'site' END"""
ID = """CASE p.kind WHEN 'customer' THEN p.party_id WHEN 'department' THEN p.party_id
  WHEN 'used' THEN coalesce(p.party_id, (SELECT o.party_id FROM places_place o
                                         WHERE o.id = p.parent_id))
  WHEN 'supplier' THEN coalesce(p.party_id, r.supplier_id, v.supplier_id)
  WHEN 'transit' THEN p.id WHEN 'production' THEN NULL WHEN 'adjustment' THEN NULL
  WHEN 'destruction' THEN NULL ELSE p.site_id END"""

#: Known moves `m` with the stations `f` and `t` between which they went.
BETWEEN = f"""
FROM known m
LEFT JOIN warehousing_receipt r ON r.document_ptr_id = m.document_id
LEFT JOIN purchasing_return v ON v.document_ptr_id = m.document_id
CROSS JOIN LATERAL (SELECT {KIND} AS kind, {ID} AS id, p.physical
                    FROM places_place p WHERE p.id = m.from_place_id) f
CROSS JOIN LATERAL (SELECT {KIND} AS kind, {ID} AS id, p.physical
                    FROM places_place p WHERE p.id = m.to_place_id) t
"""  # noqa: S608  # composed of constants only
