-- Edges against the moves of their command: inputs consumed, outputs produced, and the other way
-- round, in every command that turned something into something. And what is void against the moves
-- that took it back.
WITH taken_back AS (
  SELECT m.command_id, max(r.command_id) AS by_command_id, count(*) AS n
  FROM stock_move r JOIN stock_move m ON m.id = r.reverses_id AND m.code IN (9, 10)
  GROUP BY m.command_id
), made AS (
  SELECT c.command_id FROM stock_move c WHERE c.code = 9
  INTERSECT SELECT p.command_id FROM stock_move p WHERE p.code = 10
), used AS (
  SELECT m.command_id, m.code, m.lot_id, m.serial_id, sum(m.quantity) AS quantity
  FROM stock_move m
  WHERE m.command_id IN (SELECT command_id FROM made UNION SELECT command_id FROM stock_genealogy)
    AND m.code IN (9, 10)
  GROUP BY 1, 2, 3, 4
), found AS (
  SELECT g.id AS edge, g.command_id, g.input_lot_id AS lot_id, g.input_serial_id AS serial_id,
         'input was not consumed' AS why
  FROM stock_genealogy g
  WHERE NOT EXISTS (
    SELECT FROM used u WHERE u.command_id = g.command_id AND u.code = 9
      AND u.lot_id IS NOT DISTINCT FROM g.input_lot_id
      AND u.serial_id IS NOT DISTINCT FROM g.input_serial_id)
  UNION ALL
  SELECT g.id, g.command_id, g.output_lot_id, g.output_serial_id, 'output was not produced'
  FROM stock_genealogy g
  WHERE NOT EXISTS (
    SELECT FROM used u WHERE u.command_id = g.command_id AND u.code = 10
      AND u.lot_id IS NOT DISTINCT FROM g.output_lot_id
      AND (g.output_serial_id IS NULL OR u.serial_id = g.output_serial_id))
  UNION ALL
  SELECT g.id, g.command_id, g.input_lot_id, g.input_serial_id,
         'more went in than was consumed'
  FROM stock_genealogy g
  JOIN used u ON u.command_id = g.command_id AND u.code = 9
    AND u.lot_id IS NOT DISTINCT FROM g.input_lot_id
    AND u.serial_id IS NOT DISTINCT FROM g.input_serial_id
  WHERE g.quantity > u.quantity
  UNION ALL
  SELECT NULL, u.command_id, u.lot_id, u.serial_id, 'was consumed and leads nowhere'
  FROM used u
  WHERE u.code = 9 AND (u.lot_id IS NOT NULL OR u.serial_id IS NOT NULL)
    AND u.command_id IN (SELECT command_id FROM made) AND NOT EXISTS (
    SELECT FROM stock_genealogy g WHERE g.command_id = u.command_id
      AND g.input_lot_id IS NOT DISTINCT FROM u.lot_id
      AND g.input_serial_id IS NOT DISTINCT FROM u.serial_id)
  UNION ALL
  SELECT NULL, u.command_id, u.lot_id, u.serial_id, 'was produced and comes from nowhere'
  FROM used u
  WHERE u.code = 10 AND (u.lot_id IS NOT NULL OR u.serial_id IS NOT NULL)
    AND u.command_id IN (SELECT command_id FROM made) AND NOT EXISTS (
    SELECT FROM stock_genealogy g WHERE g.command_id = u.command_id
      AND g.output_lot_id IS NOT DISTINCT FROM u.lot_id
      AND (g.output_serial_id IS NULL OR g.output_serial_id = u.serial_id))
  UNION ALL
  SELECT NULL, t.command_id, NULL, NULL, 'was taken back in part'
  FROM taken_back t
  WHERE t.n <> (SELECT count(*) FROM stock_move m
                WHERE m.command_id = t.command_id AND m.code IN (9, 10))
  UNION ALL
  SELECT g.id, g.command_id, g.input_lot_id, g.input_serial_id, 'counts though taken back'
  FROM stock_genealogy g JOIN taken_back t ON t.command_id = g.command_id
  WHERE NOT EXISTS (SELECT FROM stock_genealogy_void v WHERE v.command_id = g.command_id
                    AND v.by_command_id = t.by_command_id)
  UNION ALL
  SELECT g.id, v.command_id, g.input_lot_id, g.input_serial_id, 'is void but stands'
  FROM stock_genealogy_void v
  LEFT JOIN stock_genealogy g ON g.command_id = v.command_id
  WHERE NOT EXISTS (SELECT FROM taken_back t WHERE t.command_id = v.command_id
                    AND t.by_command_id = v.by_command_id)
)
SELECT f.edge, f.command_id AS command, l.raw_number AS lot, s.raw_number AS serial, f.why
FROM found f
LEFT JOIN stock_lot l ON l.id = f.lot_id
LEFT JOIN stock_serial s ON s.id = f.serial_id
ORDER BY f.command_id, f.edge NULLS LAST LIMIT 100
