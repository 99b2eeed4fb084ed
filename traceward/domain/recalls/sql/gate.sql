-- What a running recall covers, whatever became of its blocks, and what it names and does not cover
-- yet: goods that came after it was opened. They may be received, moved, counted, sent back and
-- destroyed as recalled goods may, and nothing else: not even promised. # TRC-03

CREATE INDEX recalls_case_running ON recalls_case (document_ptr_id) WHERE closed_at IS NULL;

-- As rules.normalised: the number by which two spellings are the same.
CREATE FUNCTION recalls_normalised(p_number text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN btrim(normalize(upper(normalize(p_number, NFKC)), NFKC));

-- Whether the target names goods that nobody may know yet.
CREATE FUNCTION recalls_is_open_ended(t recalls_target) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN t.serial_from <> '' OR t.supplier_lot <> '' OR t.document_id IS NOT NULL
  OR t.place_id IS NOT NULL;

-- Which of these goods stand in the scope of a running recall, and why they are recalled: by their
-- serial, their lot or their item. From the goods' side, whatever the statistics say (OFFSET 0): a
-- scope may have thousands of rows.
CREATE FUNCTION recalls_covered(items bigint[], lots bigint[], serials bigint[])
RETURNS TABLE (item bigint, lot bigint, serial bigint, reason text) LANGUAGE sql STABLE AS $$
  WITH goods AS MATERIALIZED (
    SELECT DISTINCT g.* FROM unnest(items, lots, serials) g(item, lot, serial)
  ), met AS (
    SELECT g.*, s.case_id FROM goods g CROSS JOIN LATERAL (
      SELECT x.case_id FROM recalls_scope x WHERE x.serial_id = g.serial OFFSET 0) s
    UNION ALL
    SELECT g.*, s.case_id FROM (SELECT DISTINCT g.lot FROM goods g) o CROSS JOIN LATERAL (
      SELECT x.case_id FROM recalls_scope x WHERE x.lot_id = o.lot AND x.serial_id IS NULL
      OFFSET 0) s
    JOIN goods g ON g.lot = o.lot
    UNION ALL
    SELECT g.*, s.case_id FROM (SELECT DISTINCT g.item FROM goods g) o CROSS JOIN LATERAL (
      SELECT x.case_id FROM recalls_scope x
      WHERE x.item_id = o.item AND x.lot_id IS NULL AND x.serial_id IS NULL OFFSET 0) s
    JOIN goods g ON g.item = o.item
  )
  SELECT m.item, m.lot, m.serial, min(c.reason)
  FROM met m JOIN recalls_case c ON c.document_ptr_id = m.case_id AND c.closed_at IS NULL
  GROUP BY m.item, m.lot, m.serial
$$;

-- Which of these goods running recalls name by a target that names what nobody may know yet, and
-- why they are recalled; as recalls.queries.targets tells it for all goods. A constant number of
-- joins, however many goods: a thousand serials are asked about at once.
CREATE FUNCTION recalls_named(items bigint[], lots bigint[], serials bigint[])
RETURNS TABLE (item bigint, lot bigint, serial bigint, reason text) LANGUAGE sql STABLE AS $$
  WITH RECURSIVE goods AS MATERIALIZED (
    SELECT DISTINCT g.* FROM unnest(items, lots, serials) g(item, lot, serial)
  ), running AS MATERIALIZED (
    SELECT t.*, c.reason FROM recalls_case c JOIN recalls_target t ON t.case_id = c.document_ptr_id
    WHERE c.closed_at IS NULL AND recalls_is_open_ended(t)
  ), produced AS MATERIALIZED (
    SELECT t.id AS target_id, m.id, m.item_id, m.lot_id, m.serial_id
    FROM running t JOIN stock_move m ON m.document_id = t.document_id AND m.code = 10
  ), paper AS (
    SELECT t.id AS target_id, t.document_id AS id FROM running t
    WHERE t.document_id IS NOT NULL AND t.id NOT IN (SELECT target_id FROM produced)
    UNION
    SELECT p.target_id, l.later_id FROM documents_link l JOIN paper p ON l.earlier_id = p.id
  ), moved AS MATERIALIZED (
    -- what came out of the production, or else what moved under the document and what followed
    SELECT p.target_id, p.item_id, p.lot_id, p.serial_id FROM produced p
    WHERE NOT EXISTS (SELECT FROM stock_move y WHERE y.reverses_id = p.id)
    UNION
    SELECT p.target_id, m.item_id, m.lot_id, m.serial_id
    FROM paper p JOIN stock_move m ON m.document_id = p.id
    UNION
    -- what came into the place since then
    SELECT t.id, m.item_id, m.lot_id, m.serial_id
    FROM running t
    JOIN places_place p ON t.place_id = ANY (p.path)
    CROSS JOIN (SELECT DISTINCT g.item FROM goods g) i
    JOIN stock_move m ON m.to_place_id = p.id AND m.item_id = i.item
      AND m.happened_at > t.from_at AND m.happened_at <= coalesce(t.until_at, 'infinity')
  ), named AS (
    SELECT v.target_id, g.* FROM moved v JOIN goods g ON g.item = v.item_id
      AND coalesce(g.lot, 0) = coalesce(v.lot_id, 0)
      AND coalesce(g.serial, 0) = coalesce(v.serial_id, 0)
    UNION ALL
    SELECT t.id, g.*
    FROM running t
    CROSS JOIN LATERAL (SELECT recalls_normalised(t.serial_from) AS first,
      recalls_normalised(coalesce(nullif(t.serial_to, ''), t.serial_from)) AS last) r
    CROSS JOIN LATERAL (SELECT regexp_replace(r.first, '[0-9]+$', '') AS prefix,
      substring(r.first FROM '[0-9]+$')::numeric AS low,
      substring(r.last FROM '[0-9]+$')::numeric AS high) h
    JOIN goods g ON g.serial IS NOT NULL
    JOIN stock_serial s ON s.id = g.serial AND starts_with(s.number, h.prefix)
    CROSS JOIN LATERAL (SELECT substr(s.number, length(h.prefix) + 1) AS tail) n
    WHERE t.serial_from <> ''
      AND CASE WHEN n.tail ~ '^[0-9]+$' THEN n.tail::numeric BETWEEN h.low AND h.high
          ELSE false END
    UNION ALL
    SELECT t.id, g.*
    FROM running t
    JOIN (SELECT DISTINCT g.lot FROM goods g) o ON t.supplier_lot <> ''
    JOIN stock_lot l ON l.id = o.lot
      AND (l.supplier_lot <> ''
             AND recalls_normalised(l.supplier_lot) = recalls_normalised(t.supplier_lot)
           OR (t.supplier_id IS NOT NULL AND l.number = recalls_normalised(t.supplier_lot)))
      AND (t.supplier_id IS NULL OR l.maker_id = t.supplier_id OR EXISTS (
        SELECT FROM warehousing_receipt_line r
        JOIN warehousing_receipt d ON d.document_ptr_id = r.receipt_id
        WHERE r.lot_id = l.id AND d.supplier_id = t.supplier_id))
    JOIN goods g ON g.lot = l.id
  )
  SELECT n.item, n.lot, n.serial, min(t.reason)
  FROM named n JOIN running t ON t.id = n.target_id
  WHERE coalesce(t.item_id, n.item) = n.item
    AND (t.lot_id IS NULL OR t.lot_id = n.lot)
    AND (t.serial_id IS NULL OR t.serial_id = n.serial)
  GROUP BY n.item, n.lot, n.serial
$$;

-- Both of these; each good once.
CREATE FUNCTION recalls_held(items bigint[], lots bigint[], serials bigint[])
RETURNS TABLE (item bigint, lot bigint, serial bigint, reason text) LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM recalls_case c WHERE c.closed_at IS NULL) THEN
    RETURN;
  END IF;
  IF NOT EXISTS (SELECT FROM recalls_case c JOIN recalls_target t ON t.case_id = c.document_ptr_id
                 WHERE c.closed_at IS NULL AND recalls_is_open_ended(t)) THEN
    RETURN QUERY SELECT * FROM recalls_covered(items, lots, serials);
    RETURN;
  END IF;
  RETURN QUERY
  SELECT h.item, h.lot, h.serial, min(h.reason)
  FROM (SELECT * FROM recalls_covered(items, lots, serials)
        UNION ALL SELECT * FROM recalls_named(items, lots, serials)) h
  GROUP BY h.item, h.lot, h.serial;
END$$;

CREATE OR REPLACE FUNCTION stock_gate(codes int[], items bigint[], lots bigint[], serials bigint[])
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_rows jsonb;
BEGIN
  WITH leg AS MATERIALIZED (
    SELECT l.item, l.lot, l.serial, min(l.n) AS n
    FROM unnest(codes, items, lots, serials) WITH ORDINALITY AS l(code, item, lot, serial, n)
    JOIN stock_move_code mc ON mc.code = l.code
    JOIN stock_policy() y ON y.action = mc.action AND 'recalled' = ANY (y.forbidden)
    GROUP BY l.item, l.lot, l.serial
  ), asked AS (
    SELECT array_agg(l.item) AS items, array_agg(l.lot) AS lots, array_agg(l.serial) AS serials
    FROM leg l
  )
  SELECT jsonb_agg(jsonb_build_object('n', q.n, 'kind', 'recall', 'why', 'state', 'item', i.code,
           'lot', lt.raw_number, 'serial', se.raw_number, 'reason', q.reason) ORDER BY q.n)
    INTO v_rows
  FROM (
    SELECT l.*, r.reason
    FROM asked a CROSS JOIN LATERAL recalls_held(a.items, a.lots, a.serials) r
    JOIN leg l ON l.item = r.item AND coalesce(l.lot, 0) = coalesce(r.lot, 0)
      AND coalesce(l.serial, 0) = coalesce(r.serial, 0)
    ORDER BY l.n LIMIT 50) q
  LEFT JOIN catalog_item i ON i.id = q.item
  LEFT JOIN stock_lot lt ON lt.id = q.lot
  LEFT JOIN stock_serial se ON se.id = q.serial;
  RETURN v_rows;
END$$;

-- The same for promises.
CREATE OR REPLACE FUNCTION stock_gated_balances(p_items bigint[])
RETURNS TABLE (balance_id bigint, kind text, reason text) LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM recalls_case c WHERE c.closed_at IS NULL) THEN
    RETURN;
  END IF;
  RETURN QUERY
  WITH there AS MATERIALIZED (
    SELECT b.id, b.item_id, b.lot_id, b.serial_id FROM stock_balance b
    WHERE b.item_id = ANY (p_items) AND b.physical AND b.on_hand > 0
  ), asked AS (
    SELECT array_agg(b.item_id) AS items, array_agg(b.lot_id) AS lots,
           array_agg(b.serial_id) AS serials
    FROM there b
  )
  SELECT b.id, 'recall', r.reason
  FROM asked a CROSS JOIN LATERAL recalls_held(a.items, a.lots, a.serials) r
  JOIN there b ON b.item_id = r.item AND coalesce(b.lot_id, 0) = coalesce(r.lot, 0)
    AND coalesce(b.serial_id, 0) = coalesce(r.serial, 0);
END$$;

-- A block is kept by its own recall while that runs, and by any other that covers the same goods:
-- only when those have ended, quality lifts it. # TRC-03
CREATE OR REPLACE FUNCTION stock_block_keeper(p_block bigint) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT min(coalesce(d.number, d.uid::text))
  FROM (
    SELECT b.case_id FROM stock_block b WHERE b.id = p_block
    UNION ALL
    SELECT s.case_id FROM recalls_scope o JOIN recalls_scope s ON s.item_id = o.item_id
      AND (s.lot_id IS NULL OR s.lot_id = o.lot_id)
      AND (s.serial_id IS NULL OR s.serial_id = o.serial_id)
    WHERE o.block_id = p_block) k
  JOIN recalls_case c ON c.document_ptr_id = k.case_id AND c.closed_at IS NULL
  JOIN documents_document d ON d.id = k.case_id
$$;
