-- What moves and balances name, and whether it exists: no foreign keys stand on these tables.
SELECT 'move' AS what, m.id, x.name AS kind, x.value
FROM stock_move m
LEFT JOIN catalog_item i ON i.id = m.item_id
LEFT JOIN stock_lot l ON l.id = m.lot_id
LEFT JOIN stock_serial s ON s.id = m.serial_id
LEFT JOIN places_place fp ON fp.id = m.from_place_id
LEFT JOIN places_place tp ON tp.id = m.to_place_id
LEFT JOIN org_party fo ON fo.id = m.from_owner_id
LEFT JOIN org_party too ON too.id = m.to_owner_id
LEFT JOIN stock_container fc ON fc.id = m.from_container_id
LEFT JOIN stock_container tc ON tc.id = m.to_container_id
LEFT JOIN documents_document d ON d.id = m.document_id
LEFT JOIN documents_line n ON n.id = m.line_id
LEFT JOIN org_person a ON a.id = m.actor_id
LEFT JOIN stock_move_code k ON k.code = m.code
LEFT JOIN stock_move r ON r.id = m.reverses_id
CROSS JOIN LATERAL (VALUES
  ('item', m.item_id, i.id IS NULL),
  ('lot', m.lot_id, l.id IS NULL OR l.item_id <> m.item_id),
  ('serial', m.serial_id, s.id IS NULL OR s.item_id <> m.item_id
     OR s.lot_id IS DISTINCT FROM m.lot_id),
  ('place', m.from_place_id, fp.id IS NULL),
  ('place', m.to_place_id, tp.id IS NULL),
  ('owner', m.from_owner_id, fo.id IS NULL),
  ('owner', m.to_owner_id, too.id IS NULL),
  ('container', m.from_container_id, fc.id IS NULL),
  ('container', m.to_container_id, tc.id IS NULL),
  ('document', m.document_id, d.id IS NULL),
  -- the line may be that of the demand that the document serves
  ('document line', m.line_id, n.id IS NULL),
  ('person', m.actor_id, a.id IS NULL),
  ('move code', m.code::bigint, k.code IS NULL),
  ('reversed move', m.reverses_id, r.id IS NULL)
) x(name, value, is_missing)
WHERE x.value IS NOT NULL AND x.is_missing
UNION ALL
SELECT 'balance', b.id, x.name, x.value
FROM stock_balance b
LEFT JOIN catalog_item i ON i.id = b.item_id
LEFT JOIN stock_lot l ON l.id = b.lot_id
LEFT JOIN stock_serial s ON s.id = b.serial_id
LEFT JOIN stock_container c ON c.id = b.container_id
LEFT JOIN places_place p ON p.id = b.place_id
LEFT JOIN org_party o ON o.id = b.owner_id
CROSS JOIN LATERAL (VALUES
  ('item', b.item_id, i.id IS NULL),
  ('lot', b.lot_id, l.id IS NULL OR l.item_id <> b.item_id),
  ('serial', b.serial_id, s.id IS NULL OR s.item_id <> b.item_id),
  ('container', b.container_id, c.id IS NULL),
  ('place', b.place_id, p.id IS NULL OR p.physical <> b.physical),
  ('owner', b.owner_id, o.id IS NULL)
) x(name, value, is_missing)
WHERE x.value IS NOT NULL AND x.is_missing
ORDER BY 1 DESC, 2 LIMIT 100
