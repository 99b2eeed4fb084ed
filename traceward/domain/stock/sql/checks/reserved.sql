-- Reserved on each balance against the sum of its open reservations.
SELECT b.id AS balance, i.code AS item, l.raw_number AS lot, p.code AS place,
       b.reserved AS stated, coalesce(v.quantity, 0)::bigint AS counted
FROM stock_balance b
LEFT JOIN (SELECT balance_id, sum(quantity) AS quantity FROM stock_reservation GROUP BY balance_id)
  v ON v.balance_id = b.id
LEFT JOIN catalog_item i ON i.id = b.item_id
LEFT JOIN stock_lot l ON l.id = b.lot_id
LEFT JOIN places_place p ON p.id = b.place_id
WHERE b.reserved <> coalesce(v.quantity, 0)
ORDER BY b.id LIMIT 100
