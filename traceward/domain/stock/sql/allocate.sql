-- Allocation: see commands/allocation.py and docs/adr/0020-allocation-locks-first.md.

CREATE INDEX stock_reservation_expiry ON stock_reservation (expires_at)
  WHERE quantity > 0 AND expires_at IS NOT NULL;

-- The balances of these items that an active block covers: each block is followed from its first
-- filled scope, the other scopes must match too. Equal to stock_blocks_on, made for many balances.
CREATE FUNCTION stock_blocked_balances(p_items bigint[], p_now timestamptz)
RETURNS TABLE (balance_id bigint, kind text, reason text) LANGUAGE sql STABLE AS $$
  WITH RECURSIVE active AS MATERIALIZED (
    SELECT * FROM stock_block k WHERE k.lifted_at IS NULL AND (k.until IS NULL OR k.until > p_now)
  ), box AS (
    SELECT k.id AS block_id, k.container_id AS id FROM active k WHERE k.container_id IS NOT NULL
    UNION
    SELECT box.block_id, c.id FROM box JOIN stock_container c ON c.parent_id = box.id
  ), hit AS (
    SELECT k.id AS block_id, b.id, b.container_id, b.place_id
    FROM active k JOIN stock_balance b ON b.lot_id = k.lot_id
      AND (k.serial_id IS NULL OR b.serial_id = k.serial_id)
      AND (k.item_id IS NULL OR b.item_id = k.item_id)
    WHERE b.item_id = ANY (p_items)
    UNION ALL
    SELECT k.id, b.id, b.container_id, b.place_id
    FROM active k JOIN stock_balance b ON b.serial_id = k.serial_id
      AND (k.item_id IS NULL OR b.item_id = k.item_id)
    WHERE k.lot_id IS NULL AND b.item_id = ANY (p_items)
    UNION ALL
    SELECT k.id, b.id, b.container_id, b.place_id
    FROM active k JOIN stock_balance b ON b.item_id = k.item_id
    WHERE k.lot_id IS NULL AND k.serial_id IS NULL AND k.item_id = ANY (p_items)
    UNION ALL
    SELECT k.id, b.id, b.container_id, b.place_id
    FROM active k JOIN box ON box.block_id = k.id
    JOIN stock_balance b ON b.container_id = box.id
    WHERE k.lot_id IS NULL AND k.serial_id IS NULL AND k.item_id IS NULL
      AND b.item_id = ANY (p_items)
    UNION ALL
    SELECT k.id, b.id, b.container_id, b.place_id
    FROM active k JOIN places_place p ON k.place_id = ANY (p.path)
    JOIN stock_balance b ON b.place_id = p.id
    WHERE k.lot_id IS NULL AND k.serial_id IS NULL AND k.item_id IS NULL
      AND k.container_id IS NULL AND b.item_id = ANY (p_items)
  )
  SELECT DISTINCT ON (h.id) h.id, k.kind::text, k.reason::text
  FROM hit h JOIN active k ON k.id = h.block_id
  WHERE (k.container_id IS NULL OR EXISTS (
      SELECT FROM box WHERE box.block_id = k.id AND box.id = h.container_id))
    AND (k.place_id IS NULL OR EXISTS (
      SELECT FROM places_place p WHERE p.id = h.place_id AND k.place_id = ANY (p.path)))
  ORDER BY h.id, k.kind DESC, k.id
$$;

-- Locks all promises of these lines, and of the lines whose promises on these items have run out
-- (the allocator gives those back): one pass in key order, after the block lock, before balances.
CREATE FUNCTION stock_lock_promises(p_lines bigint[], p_items bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_lines bigint[];
BEGIN
  PERFORM pg_advisory_xact_lock_shared(7202);
  SELECT array_agg(v.line_id) INTO v_lines
  FROM stock_reservation v JOIN stock_balance b ON b.id = v.balance_id
  WHERE v.quantity > 0 AND v.expires_at <= tw_now() AND b.item_id = ANY (p_items);
  PERFORM FROM stock_reservation v WHERE v.line_id = ANY (p_lines || v_lines)
    ORDER BY v.id FOR NO KEY UPDATE;
END$$;

-- The stock that demands can need, locked and then read.
--
-- A wave is a set of lines that take the same stock in the same order: one item, site, owner,
-- perhaps one lot or serial, perhaps a last usable day (w_good). w_total is what all lines of the
-- item ask for together: nobody can need rows beyond that running sum, so only those are locked.
-- Null means every row. Where somebody took from them before the locks were got, the locks are
-- given back and all rows of the wave are locked: waiting is in key order, always.
-- Rows with a word in `skip` are not locked and only there to be named, at most 100 a wave.
CREATE FUNCTION stock_candidates(
  p_command bigint, p_lines bigint[],
  w_item bigint[], w_site bigint[], w_owner bigint[], w_lot bigint[], w_serial bigint[],
  w_order text[], w_good date[], w_total bigint[])
RETURNS TABLE (
  item_id bigint, lot_id bigint, place_id bigint, status int, owner_id bigint, serial_id bigint,
  container_id bigint, site_id bigint, available bigint, expires_on date,
  received_at timestamptz, pick_rank int, lot text, place text, skip text, why text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET work_mem = '64MB' AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz := tw_now();
  x_rows bigint[]; x_balances bigint[]; x_quantities bigint[];
  k_balances bigint[]; k_kinds text[]; k_reasons text[];
  t_ids bigint[]; t_waves int[]; t_cut int[];
  s_ids bigint[]; s_skips text[]; s_whys text[];
  v_short int[];
BEGIN
  PERFORM stock_lock_promises(p_lines, w_item);
  SELECT array_agg(v.id), array_agg(v.balance_id), array_agg(v.quantity)
    INTO x_rows, x_balances, x_quantities
  FROM stock_reservation v JOIN stock_balance b ON b.id = v.balance_id
  WHERE v.quantity > 0 AND v.expires_at <= v_now AND b.item_id = ANY (w_item);
  SELECT array_agg(k.balance_id), array_agg(k.kind), array_agg(k.reason)
    INTO k_balances, k_kinds, k_reasons FROM stock_blocked_balances(w_item, v_now) k;

  LOOP
    WITH wave AS MATERIALIZED (
      SELECT * FROM unnest(w_item, w_site, w_owner, w_lot, w_serial, w_order, w_good, w_total)
        WITH ORDINALITY AS w(item, site, owner, lot, serial, sorting, good, total, n)
    ), here AS MATERIALIZED (
      SELECT b.id, b.item_id, b.lot_id, b.serial_id, b.container_id, b.place_id, b.status,
             b.owner_id, p.site_id, p.pick_rank, lt.expires_on,
             coalesce(lt.expires_on - date '2000-01-01', 1000000000)::bigint AS e,
             coalesce(tw_us(lt.first_received_at), 9000000000000000) AS received,
             b.on_hand - b.reserved + coalesce(x.q, 0) AS available, k.reason AS why,
             CASE
               WHEN lt.expires_on < (v_now AT TIME ZONE st.time_zone)::date AND NOT pe.allowed
                 THEN 'expired'
               WHEN k.kind = 'recall' AND NOT pr.allowed THEN 'recalled'
               WHEN k.kind = 'hold' AND NOT ph.allowed THEN 'on_hold'
               WHEN NOT ps.allowed THEN ps.state
               WHEN p.kind <> 'bin' THEN 'not_bin'
               WHEN NOT p.is_open THEN 'closed'
               WHEN p.temperature_c_max > coalesce(i.storage_c_max, 999)
                 OR p.temperature_c_min < coalesce(i.storage_c_min, -999) THEN 'temperature'
               WHEN b.on_hand - b.reserved + coalesce(x.q, 0) <= 0 THEN 'promised'
               ELSE '' END AS skip
      FROM (SELECT DISTINCT item, site, owner FROM wave) w
      JOIN stock_balance b ON b.item_id = w.item AND b.owner_id = w.owner AND b.on_hand > 0
      JOIN places_place p ON p.id = b.place_id AND p.site_id = w.site
        AND p.kind IN ('bin', 'dock', 'staging')
      JOIN org_site st ON st.id = p.site_id
      JOIN catalog_item i ON i.id = b.item_id
      JOIN stock_status_policy ps ON ps.action = 'allocate'
        AND ps.state = CASE b.status WHEN 1 THEN 'pending' WHEN 2 THEN 'qualified'
                                     ELSE 'rejected' END
      JOIN stock_status_policy pe ON pe.action = 'allocate' AND pe.state = 'expired'
      JOIN stock_status_policy pr ON pr.action = 'allocate' AND pr.state = 'recalled'
      JOIN stock_status_policy ph ON ph.action = 'allocate' AND ph.state = 'on_hold'
      LEFT JOIN stock_lot lt ON lt.id = b.lot_id
      LEFT JOIN (SELECT u.b, sum(u.q)::bigint AS q FROM unnest(x_balances, x_quantities) u(b, q)
                 GROUP BY u.b) x ON x.b = b.id
      LEFT JOIN unnest(k_balances, k_kinds, k_reasons) k(id, kind, reason) ON k.id = b.id
    ), met AS (
      SELECT w.n, w.sorting, w.good, w.total, h.* FROM wave w
      JOIN here h ON h.item_id = w.item AND h.site_id = w.site AND h.owner_id = w.owner
      WHERE w.lot IS NULL AND w.serial IS NULL
      UNION ALL
      SELECT w.n, w.sorting, w.good, w.total, h.* FROM wave w
      JOIN here h ON h.lot_id = w.lot AND h.site_id = w.site AND h.owner_id = w.owner
        AND h.item_id = w.item
      WHERE w.lot IS NOT NULL AND w.serial IS NULL
      UNION ALL
      SELECT w.n, w.sorting, w.good, w.total, h.* FROM wave w
      JOIN here h ON h.serial_id = w.serial AND h.site_id = w.site AND h.owner_id = w.owner
        AND h.item_id = w.item
      WHERE w.serial IS NOT NULL
    ), sorted AS (
      SELECT m.n, m.id, m.total, m.why, m.bad, m.available,
             CASE WHEN m.skip = '' AND m.bad THEN 'short_life' ELSE m.skip END AS skip,
             row_number() OVER way AS place,
             sum(m.available) OVER way - m.available AS before
      FROM (SELECT y.*, y.skip <> '' OR coalesce(y.expires_on < y.good, false) AS bad,
                   CASE y.sorting WHEN 'fifo' THEN y.received WHEN 'lefo' THEN -y.e
                                  WHEN 'nearest' THEN y.pick_rank ELSE y.e END AS k1,
                   CASE y.sorting WHEN 'nearest' THEN y.e ELSE y.pick_rank END AS k2
            FROM met y) m
      WINDOW way AS (PARTITION BY m.n, m.bad ORDER BY m.k1, m.k2, coalesce(m.lot_id, 0),
        m.place_id, m.status, coalesce(m.serial_id, 0), coalesce(m.container_id, 0)
        ROWS UNBOUNDED PRECEDING)
    )
    SELECT array_agg(z.id) FILTER (WHERE z.tag = 'take'),
           array_agg(z.n) FILTER (WHERE z.tag = 'take'),
           array_agg(DISTINCT z.n) FILTER (WHERE z.tag = 'cut'),
           array_agg(z.id) FILTER (WHERE z.tag = 'name'),
           array_agg(z.skip) FILTER (WHERE z.tag = 'name'),
           array_agg(z.why) FILTER (WHERE z.tag = 'name')
      INTO t_ids, t_waves, t_cut, s_ids, s_skips, s_whys
    FROM (SELECT r.n::int AS n, r.id, r.skip, r.why,
                 CASE WHEN r.bad THEN 'name' WHEN r.total IS NULL OR r.before < r.total
                      THEN 'take' ELSE 'cut' END AS tag
          FROM sorted r WHERE NOT r.bad OR r.place <= 100) z;

    BEGIN
      PERFORM FROM stock_balance b
      WHERE b.id = ANY (t_ids) OR b.id = ANY (x_balances)
      ORDER BY b.item_id, coalesce(b.lot_id, 0), b.place_id, b.status, b.owner_id,
               coalesce(b.serial_id, 0), coalesce(b.container_id, 0) FOR NO KEY UPDATE;
      -- Is there still enough in the rows that we locked of each cut wave?
      SELECT array_agg(c.n) INTO v_short
      FROM (SELECT t.n, sum(b.on_hand - b.reserved) AS there
            FROM unnest(t_ids, t_waves) t(id, n) JOIN stock_balance b ON b.id = t.id
            GROUP BY t.n) c
      JOIN unnest(w_total) WITH ORDINALITY w(total, n) ON w.n = c.n AND w.total > c.there
      WHERE c.n = ANY (t_cut);
      IF v_short IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'TW098';  -- gives the locks back
      END IF;
      EXIT;
    EXCEPTION WHEN SQLSTATE 'TW098' THEN
      SELECT array_agg(CASE WHEN w.n = ANY (v_short) THEN NULL ELSE w.total END ORDER BY w.n)
        INTO w_total FROM unnest(w_total) WITH ORDINALITY w(total, n);
    END;
  END LOOP;

  IF x_rows IS NOT NULL THEN
    UPDATE stock_balance b SET reserved = b.reserved - u.q
    FROM (SELECT x.b, sum(x.q)::bigint AS q FROM unnest(x_balances, x_quantities) x(b, q)
          GROUP BY x.b) u
    WHERE b.id = u.b;
    UPDATE stock_reservation v SET quantity = 0, command_id = p_command
    WHERE v.id = ANY (x_rows);
  END IF;

  RETURN QUERY
  SELECT b.item_id, b.lot_id, b.place_id, b.status::int, b.owner_id, b.serial_id,
         b.container_id, p.site_id, CASE WHEN c.skip = '' THEN b.on_hand - b.reserved ELSE 0 END,
         lt.expires_on, lt.first_received_at, p.pick_rank,
         coalesce(lt.raw_number, se.raw_number)::text, p.code::text, c.skip, c.why
  FROM (
    SELECT DISTINCT ON (y.id) y.id, y.skip, y.why
    FROM (SELECT t.id, '' AS skip, NULL AS why FROM unnest(t_ids) t(id)
          UNION ALL SELECT * FROM unnest(s_ids, s_skips, s_whys)) y
    ORDER BY y.id, y.skip) c
  JOIN stock_balance b ON b.id = c.id
  JOIN places_place p ON p.id = b.place_id
  LEFT JOIN stock_lot lt ON lt.id = b.lot_id
  LEFT JOIN stock_serial se ON se.id = b.serial_id;
END$$;
