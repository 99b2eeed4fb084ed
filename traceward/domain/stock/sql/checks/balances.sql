-- Every balance against the sum of its moves, both ways: missing, extra, different.
WITH ledger AS (
  SELECT m.item_id, coalesce(m.lot_id, 0) AS lot, s.place_id, s.status, s.owner_id,
         coalesce(m.serial_id, 0) AS serial, coalesce(s.container_id, 0) AS container,
         sum(s.change)::bigint AS on_hand
  FROM stock_move m
  CROSS JOIN LATERAL (VALUES
    (m.from_place_id, m.from_status, m.from_owner_id, m.from_container_id, -m.quantity),
    (m.to_place_id, m.to_status, m.to_owner_id, m.to_container_id, m.quantity)
  ) s(place_id, status, owner_id, container_id, change)
  GROUP BY 1, 2, 3, 4, 5, 6, 7
), different AS (
  SELECT b.id, coalesce(b.item_id, l.item_id) AS item_id,
         coalesce(b.lot_id, nullif(l.lot, 0)) AS lot_id,
         coalesce(b.serial_id, nullif(l.serial, 0)) AS serial_id,
         coalesce(b.place_id, l.place_id) AS place_id, coalesce(b.status, l.status) AS status,
         b.on_hand AS stated, coalesce(l.on_hand, 0) AS counted
  FROM ledger l
  FULL JOIN stock_balance b ON b.item_id = l.item_id AND coalesce(b.lot_id, 0) = l.lot
    AND b.place_id = l.place_id AND b.status = l.status AND b.owner_id = l.owner_id
    AND coalesce(b.serial_id, 0) = l.serial AND coalesce(b.container_id, 0) = l.container
  WHERE coalesce(b.on_hand, 0) <> coalesce(l.on_hand, 0)
     OR (b.id IS NULL AND l.on_hand <> 0)
  LIMIT 100
)
SELECT d.id, i.code AS item, l.raw_number AS lot, s.raw_number AS serial, p.code AS place, d.status,
       d.stated, d.counted
FROM different d
LEFT JOIN catalog_item i ON i.id = d.item_id
LEFT JOIN stock_lot l ON l.id = d.lot_id
LEFT JOIN stock_serial s ON s.id = d.serial_id
LEFT JOIN places_place p ON p.id = d.place_id
ORDER BY d.id NULLS FIRST, d.item_id, d.place_id
