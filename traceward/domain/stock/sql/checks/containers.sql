-- Containers that stand in themselves, and boxes (with all that is in them) in two places at once.
WITH RECURSIVE up(id, outer_id) AS (
  SELECT id, parent_id FROM stock_container WHERE parent_id IS NOT NULL
  UNION
  SELECT u.id, c.parent_id FROM up u JOIN stock_container c ON c.id = u.outer_id
  WHERE c.parent_id IS NOT NULL
), holds AS (
  SELECT u.outer_id AS id, b.place_id FROM stock_balance b JOIN up u ON u.id = b.container_id
  WHERE b.on_hand > 0
  UNION
  SELECT b.container_id, b.place_id FROM stock_balance b
  WHERE b.container_id IS NOT NULL AND b.on_hand > 0
), found AS (
  SELECT id, 'stands in itself' AS why, '' AS places FROM up WHERE id = outer_id
  UNION ALL
  SELECT h.id, 'stands in several places', string_agg(p.code, ', ' ORDER BY p.code)
  FROM holds h
  JOIN places_place p ON p.id = h.place_id AND p.physical AND p.kind NOT IN ('used', 'destruction')
  GROUP BY h.id HAVING count(*) > 1
)
SELECT c.code AS container, f.why, f.places
FROM found f JOIN stock_container c ON c.id = f.id
ORDER BY f.id, f.why LIMIT 100
