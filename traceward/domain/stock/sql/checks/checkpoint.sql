-- One checkpoint against the moves: from the nearest sound checkpoint before it, or from nothing.
WITH base AS (
  SELECT at, sequence, late_from FROM stock_checkpoint WHERE id = %(base)s
), counted AS (
  SELECT z.item_id, z.lot, z.place_id, z.status, z.owner_id, z.serial, z.container,
         sum(z.n)::bigint AS n
  FROM (
    SELECT b.item_id, coalesce(b.lot_id, 0) AS lot, b.place_id, b.status, b.owner_id,
           coalesce(b.serial_id, 0) AS serial, coalesce(b.container_id, 0) AS container, u.n
    FROM stock_checkpoint_item i
    CROSS JOIN LATERAL unnest(i.balance_ids, i.quantities) u(id, n)
    JOIN stock_balance b ON b.id = u.id
    WHERE i.checkpoint_id = %(base)s
    UNION ALL
    SELECT c.item_id, coalesce(c.lot_id, 0), c.place_id, c.status, c.owner_id,
           coalesce(c.serial_id, 0), coalesce(c.container_id, 0), c.change
    FROM stock_changes(
      coalesce((SELECT at FROM base), '-infinity'), %(at)s, (SELECT sequence FROM base),
      (SELECT late_from FROM base), %(sequence)s, NULL) c
    JOIN places_place p ON p.id = c.place_id AND stock_is_inside(p.kind)
  ) z
  GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(z.n) <> 0
), expected AS (
  SELECT b.id, c.item_id, c.place_id, c.n
  FROM counted c
  LEFT JOIN stock_balance b ON b.item_id = c.item_id AND coalesce(b.lot_id, 0) = c.lot
    AND b.place_id = c.place_id AND b.status = c.status AND b.owner_id = c.owner_id
    AND coalesce(b.serial_id, 0) = c.serial AND coalesce(b.container_id, 0) = c.container
), stated AS (
  SELECT u.id, i.item_id, b.place_id, u.n
  FROM stock_checkpoint_item i
  CROSS JOIN LATERAL unnest(i.balance_ids, i.quantities) u(id, n)
  LEFT JOIN stock_balance b ON b.id = u.id
  WHERE i.checkpoint_id = %(checkpoint)s
), rows AS (
  SELECT coalesce(s.item_id, e.item_id) AS item_id, coalesce(s.place_id, e.place_id) AS place_id,
         coalesce(s.n, 0) AS stated, coalesce(e.n, 0) AS counted
  FROM expected e FULL JOIN stated s ON s.id = e.id
  WHERE coalesce(s.n, 0) <> coalesce(e.n, 0)
  UNION ALL
  SELECT i.item_id, NULL, i.pending + i.qualified + i.rejected + i.in_transit, t.n
  FROM stock_checkpoint_item i
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(u.n) FILTER (WHERE b.status = 1 AND p.kind <> 'transit'), 0) AS pending,
           coalesce(sum(u.n) FILTER (WHERE b.status = 2 AND p.kind <> 'transit'), 0) AS qualified,
           coalesce(sum(u.n) FILTER (WHERE b.status = 3 AND p.kind <> 'transit'), 0) AS rejected,
           coalesce(sum(u.n) FILTER (WHERE p.kind = 'transit'), 0) AS in_transit,
           coalesce(sum(u.n), 0)::bigint AS n
    FROM unnest(i.balance_ids, i.quantities) u(id, n)
    JOIN stock_balance b ON b.id = u.id
    JOIN places_place p ON p.id = b.place_id AND p.site_id = i.site_id
  ) t
  WHERE i.checkpoint_id = %(checkpoint)s
    AND (i.pending, i.qualified, i.rejected, i.in_transit)
     <> (t.pending, t.qualified, t.rejected, t.in_transit)
)
SELECT %(at)s::timestamptz AS at, i.code AS item, coalesce(p.code, '—') AS place, r.stated,
       r.counted
FROM rows r
LEFT JOIN catalog_item i ON i.id = r.item_id
LEFT JOIN places_place p ON p.id = r.place_id
ORDER BY r.item_id, r.place_id LIMIT 20
