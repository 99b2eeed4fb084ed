-- Every command that moved something has its audit entry, and it moved as many as the entry says.
WITH moved AS (
  SELECT command_id, count(*) AS n, min(id) AS first FROM stock_move GROUP BY command_id
), said AS (
  SELECT id, outcome, (detail::jsonb ->> 'moves')::bigint AS moves FROM audit_entry
)
SELECT coalesce(m.command_id, s.id) AS command, m.first AS move, coalesce(m.n, 0) AS counted,
  s.moves AS stated, CASE WHEN s.id IS NULL THEN 'has no audit entry'
    WHEN s.outcome <> 'done' THEN 'was not done' ELSE 'moved another number' END AS why
FROM moved m FULL JOIN said s ON s.id = m.command_id
WHERE (m.command_id IS NOT NULL AND (s.id IS NULL OR s.outcome <> 'done'))
   OR (s.moves IS NOT NULL AND s.moves <> coalesce(m.n, 0))
ORDER BY 1 LIMIT 100
