-- What a running recall names and does not cover yet: goods that came after it was opened. They may
-- be received, moved, counted, sent back and destroyed as recalled goods may, and nothing else: not
-- even promised, until recalls.block_scope has taken them into the scope. # TRC-03

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

-- Whether these goods are among them; as recalls.queries.targets tells it for all goods.
CREATE FUNCTION recalls_names(t recalls_target, p_item bigint, p_lot bigint, p_serial bigint)
RETURNS boolean LANGUAGE sql STABLE AS $$
  WITH RECURSIVE paper AS (
    SELECT t.document_id AS id
    UNION SELECT l.later_id FROM documents_link l JOIN paper p ON l.earlier_id = p.id
  )
  SELECT CASE
    WHEN coalesce(t.item_id, p_item) <> p_item OR coalesce(t.lot_id, p_lot) <> p_lot
      OR coalesce(t.serial_id, p_serial) <> p_serial THEN false
    WHEN t.serial_from <> '' THEN EXISTS (
      SELECT FROM stock_serial s
      CROSS JOIN (SELECT recalls_normalised(t.serial_from) AS first,
        recalls_normalised(coalesce(nullif(t.serial_to, ''), t.serial_from)) AS last) r
      CROSS JOIN LATERAL (SELECT regexp_replace(r.first, '[0-9]+$', '') AS prefix) h
      CROSS JOIN LATERAL (SELECT substr(s.number, length(h.prefix) + 1) AS tail) n
      WHERE s.id = p_serial AND starts_with(s.number, h.prefix)
        AND CASE WHEN n.tail ~ '^[0-9]+$'
            THEN n.tail::numeric BETWEEN substring(r.first FROM '[0-9]+$')::numeric
                                     AND substring(r.last FROM '[0-9]+$')::numeric
            ELSE false END)
    WHEN t.supplier_lot <> '' THEN EXISTS (
      SELECT FROM stock_lot l WHERE l.id = p_lot
      AND (l.supplier_lot = btrim(t.supplier_lot)
           OR (t.supplier_id IS NOT NULL AND l.number = recalls_normalised(t.supplier_lot)))
      AND (t.supplier_id IS NULL OR l.maker_id = t.supplier_id OR EXISTS (
        SELECT FROM warehousing_receipt_line r
        JOIN warehousing_receipt d ON d.document_ptr_id = r.receipt_id
        WHERE r.lot_id = l.id AND d.supplier_id = t.supplier_id)))
    WHEN t.document_id IS NOT NULL THEN CASE
      WHEN EXISTS (SELECT FROM stock_move m WHERE m.document_id = t.document_id AND m.code = 10)
      THEN EXISTS (
        SELECT FROM stock_move m
        WHERE m.document_id = t.document_id AND m.code = 10
          AND m.lot_id IS NOT DISTINCT FROM p_lot AND m.serial_id IS NOT DISTINCT FROM p_serial
          AND NOT EXISTS (SELECT FROM stock_move y WHERE y.reverses_id = m.id))
      ELSE EXISTS (
        SELECT FROM paper p JOIN stock_move m ON m.document_id = p.id
        WHERE m.lot_id IS NOT DISTINCT FROM p_lot AND m.serial_id IS NOT DISTINCT FROM p_serial)
      END
    WHEN t.place_id IS NOT NULL THEN EXISTS (
      SELECT FROM places_place p
      JOIN stock_move m ON m.to_place_id = p.id AND m.item_id = p_item
        AND m.happened_at > t.from_at AND m.happened_at <= coalesce(t.until_at, 'infinity')
      WHERE t.place_id = ANY (p.path)
        AND m.lot_id IS NOT DISTINCT FROM p_lot AND m.serial_id IS NOT DISTINCT FROM p_serial)
    ELSE false END
$$;

CREATE OR REPLACE FUNCTION stock_gate(codes int[], items bigint[], lots bigint[], serials bigint[])
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_rows jsonb;
BEGIN
  IF NOT EXISTS (SELECT FROM recalls_case c JOIN recalls_target t ON t.case_id = c.document_ptr_id
                 WHERE c.closed_at IS NULL AND recalls_is_open_ended(t)) THEN
    RETURN NULL;
  END IF;
  SELECT jsonb_agg(jsonb_build_object('n', q.n, 'kind', 'recall', 'why', 'state', 'item', i.code,
           'lot', lt.raw_number, 'serial', se.raw_number, 'reason', q.reason) ORDER BY q.n)
    INTO v_rows
  FROM (
    SELECT g.*, min(l.n) AS n, min(c.reason) AS reason
    FROM unnest(codes, items, lots, serials) WITH ORDINALITY AS l(code, item, lot, serial, n)
    CROSS JOIN LATERAL (SELECT l.item, l.lot, l.serial) g
    JOIN stock_move_code mc ON mc.code = l.code
    JOIN stock_policy() y ON y.action = mc.action AND 'recalled' = ANY (y.forbidden)
    CROSS JOIN recalls_case c
    JOIN recalls_target t ON t.case_id = c.document_ptr_id
    WHERE c.closed_at IS NULL AND recalls_is_open_ended(t)
      AND NOT EXISTS (
        SELECT FROM recalls_scope s WHERE s.case_id = t.case_id AND s.item_id = l.item
          AND (s.lot_id IS NULL OR s.lot_id = l.lot)
          AND (s.serial_id IS NULL OR s.serial_id = l.serial))
      AND recalls_names(t, l.item, l.lot, l.serial)
    GROUP BY g.item, g.lot, g.serial
    ORDER BY min(l.n) LIMIT 50) q
  LEFT JOIN catalog_item i ON i.id = q.item
  LEFT JOIN stock_lot lt ON lt.id = q.lot
  LEFT JOIN stock_serial se ON se.id = q.serial;
  RETURN v_rows;
END$$;

-- The same for promises: each lot and serial of the items is asked about once for each target.
CREATE OR REPLACE FUNCTION stock_gated_balances(p_items bigint[])
RETURNS TABLE (balance_id bigint, kind text, reason text) LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM recalls_case c JOIN recalls_target t ON t.case_id = c.document_ptr_id
                 WHERE c.closed_at IS NULL AND recalls_is_open_ended(t)) THEN
    RETURN;
  END IF;
  RETURN QUERY
  WITH goods AS MATERIALIZED (
    SELECT DISTINCT b.item_id, b.lot_id, b.serial_id FROM stock_balance b
    WHERE b.item_id = ANY (p_items) AND b.physical AND b.on_hand > 0
  ), named AS MATERIALIZED (
    SELECT g.*, min(c.reason) AS reason
    FROM goods g
    CROSS JOIN recalls_case c
    JOIN recalls_target t ON t.case_id = c.document_ptr_id
    WHERE c.closed_at IS NULL AND recalls_is_open_ended(t)
      AND NOT EXISTS (
        SELECT FROM recalls_scope s WHERE s.case_id = t.case_id AND s.item_id = g.item_id
          AND (s.lot_id IS NULL OR s.lot_id = g.lot_id)
          AND (s.serial_id IS NULL OR s.serial_id = g.serial_id))
      AND recalls_names(t, g.item_id, g.lot_id, g.serial_id)
    GROUP BY g.item_id, g.lot_id, g.serial_id
  )
  SELECT b.id, 'recall', n.reason
  FROM named n JOIN stock_balance b ON b.item_id = n.item_id
    AND b.lot_id IS NOT DISTINCT FROM n.lot_id AND b.serial_id IS NOT DISTINCT FROM n.serial_id
  WHERE b.physical AND b.on_hand > 0;
END$$;
