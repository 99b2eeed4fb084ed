-- Allocation: see commands/allocation.py and docs/adr/0020-allocation-locks-first.md.

CREATE INDEX stock_reservation_expiry ON stock_reservation (expires_at)
  WHERE quantity > 0 AND expires_at IS NOT NULL;

-- The balances of these items that an active block keeps from an action: each block is followed
-- from its first filled scope, the others must match too. As stock_blocks_on, for many balances.
CREATE FUNCTION stock_blocked_balances(p_items bigint[], p_action text, p_now timestamptz)
RETURNS TABLE (balance_id bigint, kind text, reason text) LANGUAGE sql STABLE AS $$
  WITH RECURSIVE active AS MATERIALIZED (
    SELECT k.* FROM stock_block k
    JOIN stock_policy() y ON y.action = p_action AND stock_forbidding_state(
      y.forbidden, NULL, false, k.kind = 'hold', k.kind = 'recall') IS NOT NULL
    WHERE k.lifted_at IS NULL AND (k.until IS NULL OR k.until > p_now)
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

-- What else keeps balances of these items from being promised, as the blocks do; here nothing does:
-- recalls puts its own answer in place (recalls/sql/gate.sql).
CREATE FUNCTION stock_gated_balances(p_items bigint[])
RETURNS TABLE (balance_id bigint, kind text, reason text) LANGUAGE sql STABLE AS $$
  SELECT NULL::bigint, NULL::text, NULL::text WHERE false
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

-- How far each wave that takes what expires first has to look: the day by which enough is free.
-- Lots are counted from the first usable one on, each step twice as many as before, so that what an
-- order costs hangs on what it asks for and not on how much stands there. Null: look at everything.
CREATE FUNCTION stock_days_enough(
  w_item bigint[], w_site bigint[], w_owner bigint[], w_order text[], w_good date[],
  w_total bigint[], p_forbidden text[], p_blocked bigint[])
RETURNS date[] LANGUAGE sql STABLE AS $$
  WITH RECURSIVE wave AS (
    SELECT * FROM unnest(w_item, w_site, w_owner, w_order, w_good, w_total)
      WITH ORDINALITY AS w(item, site, owner, sorting, good, total, n)
  ), walk AS (
    SELECT w.n, w.item, w.site, w.owner, w.total, w.good - 1 AS until, 1 AS lots, 0::numeric AS free
    FROM wave w WHERE w.item IS NOT NULL AND w.sorting = 'fefo'
    UNION ALL
    SELECT k.n, k.item, k.site, k.owner, k.total, s.until, k.lots * 2, k.free + s.free
    FROM walk k CROSS JOIN LATERAL (
      SELECT max(lt.expires_on) AS until, coalesce(sum(q.free), 0) AS free
      FROM (SELECT l.id, l.expires_on FROM stock_lot l
            WHERE l.item_id = k.item AND l.expires_on > k.until
            ORDER BY l.expires_on LIMIT k.lots) lt
      CROSS JOIN LATERAL (
        SELECT sum(b.on_hand - b.reserved) AS free
        -- by the lot's balances, then by the place's key: OFFSET 0 keeps the planner to that
        FROM (SELECT * FROM stock_balance x WHERE x.lot_id = lt.id AND x.physical
                AND x.owner_id = k.owner AND x.on_hand > x.reserved OFFSET 0) b
        CROSS JOIN LATERAL (SELECT * FROM places_place y WHERE y.id = b.place_id OFFSET 0) p
        WHERE p.site_id = k.site
          AND p.kind = 'bin' AND p.is_open AND b.id <> ALL (coalesce(p_blocked, '{}'))
          AND stock_forbidding_state(p_forbidden, b.status, false, false, false) IS NULL) q) s
    WHERE k.free < k.total AND k.until IS NOT NULL
  )
  SELECT array_agg(k.until ORDER BY w.n)
  FROM wave w LEFT JOIN walk k ON k.n = w.n AND k.free >= k.total
$$;

-- The stock that demands can need, locked and then read.
--
-- A wave is a set of lines that take the same stock in the same order: of one site and owner, one
-- item or lot or serial (exactly one of the three), usable through a day (w_good). w_total is what
-- all lines of the item ask for together: nobody can need rows beyond that running sum, so only
-- those are locked, and lots that expire later are not even looked at. Null means every row. Where
-- somebody took from them before the locks were got, the locks are given back and all rows of the
-- wave are locked, again in key order.
-- Rows with a word in `skip` are not locked and only there to be named, at most 100 a wave.
CREATE FUNCTION stock_candidates(
  p_command bigint, p_lines bigint[], p_items bigint[],
  w_item bigint[], w_site bigint[], w_owner bigint[], w_lot bigint[], w_serial bigint[],
  w_order text[], w_good date[], w_total bigint[])
RETURNS TABLE (
  item_id bigint, lot_id bigint, place_id bigint, status int, owner_id bigint, serial_id bigint,
  container_id bigint, site_id bigint, available bigint, expires_on date,
  received_at timestamptz, pick_rank int, lot text, place text, skip text, why text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET work_mem = '64MB'
  SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz := tw_now();
  w_until date[];
  x_rows bigint[]; x_balances bigint[]; x_quantities bigint[];
  k_blocked bigint[]; k_reasons text[]; k_recalled bigint[];
  t_ids bigint[]; t_waves int[]; t_full int[]; l_ids bigint[]; l_free bigint[];
  s_ids bigint[]; s_skips text[];
  v_short int[]; v_forbidden text[];
BEGIN
  PERFORM stock_lock_promises(p_lines, p_items);
  SELECT array_agg(v.id), array_agg(v.balance_id), array_agg(v.quantity)
    INTO x_rows, x_balances, x_quantities
  FROM stock_reservation v JOIN stock_balance b ON b.id = v.balance_id
  WHERE v.quantity > 0 AND v.expires_at <= v_now AND b.item_id = ANY (p_items);
  SELECT array_agg(k.balance_id), array_agg(k.reason),
         array_agg(k.balance_id) FILTER (WHERE k.kind = 'recall')
    INTO k_blocked, k_reasons, k_recalled
  FROM (SELECT DISTINCT ON (x.balance_id) x.*
        FROM (SELECT * FROM stock_blocked_balances(p_items, 'allocate', v_now)
              UNION ALL SELECT * FROM stock_gated_balances(p_items)) x
        ORDER BY x.balance_id, x.kind DESC) k;
  SELECT y.forbidden INTO v_forbidden FROM stock_policy() y WHERE y.action = 'allocate';
  w_until := stock_days_enough(w_item, w_site, w_owner, w_order, w_good, w_total, v_forbidden,
                               k_blocked);

  LOOP
    WITH wave AS MATERIALIZED (
      SELECT * FROM unnest(w_item, w_site, w_owner, w_lot, w_serial, w_order, w_good, w_total,
                           w_until)
        WITH ORDINALITY AS w(item, site, owner, lot, serial, sorting, good, total, until, n)
    ), spot AS MATERIALIZED (
      SELECT p.id, p.site_id, p.kind, p.pick_rank, p.temperature_c_min, p.temperature_c_max,
             stock_day(v_now, st.time_zone) AS today,
             CASE WHEN p.kind <> 'bin' THEN 'not_bin' WHEN NOT p.is_open THEN 'closed' END AS skip
      FROM places_place p JOIN org_site st ON st.id = p.site_id
      WHERE p.site_id = ANY (w_site) AND p.kind IN ('bin', 'dock', 'staging')
    ), met AS MATERIALIZED (
      -- a wave has exactly one of item, lot and serial; the other joins find nothing for it
      SELECT w.n, w.site, w.sorting, w.good, w.total, b.*, lt.expires_on, lt.first_received_at
      FROM wave w JOIN stock_balance b ON b.item_id = w.item AND b.owner_id = w.owner
        AND b.on_hand > 0
      LEFT JOIN stock_lot lt ON lt.id = b.lot_id
      WHERE w.until IS NULL
      UNION ALL
      -- the planner cannot know how few these are: OFFSET 0 keeps it to the indexes
      SELECT w.n, w.site, w.sorting, w.good, w.total, b.*, lt.expires_on, lt.first_received_at
      FROM wave w
      CROSS JOIN LATERAL (SELECT * FROM stock_lot l
        WHERE l.item_id = w.item AND l.expires_on <= w.until OFFSET 0) lt
      CROSS JOIN LATERAL (SELECT * FROM stock_balance x
        WHERE x.lot_id = lt.id AND x.physical AND x.owner_id = w.owner AND x.on_hand > 0
        OFFSET 0) b
      UNION ALL
      SELECT w.n, w.site, w.sorting, w.good, w.total, b.*, lt.expires_on, lt.first_received_at
      FROM wave w JOIN stock_balance b ON b.lot_id = w.lot AND b.owner_id = w.owner
        AND b.on_hand > 0
      LEFT JOIN stock_lot lt ON lt.id = b.lot_id
      UNION ALL
      SELECT w.n, w.site, w.sorting, w.good, w.total, b.*, lt.expires_on, lt.first_received_at
      FROM wave w JOIN stock_balance b ON b.serial_id = w.serial AND b.owner_id = w.owner
        AND b.on_hand > 0
      LEFT JOIN stock_lot lt ON lt.id = b.lot_id
    ), here AS MATERIALIZED (
      SELECT b.n, b.sorting, b.good, b.total, b.id, b.lot_id, b.serial_id, b.container_id,
             b.place_id, b.status, p.pick_rank, b.expires_on,
             coalesce(b.expires_on - date '2000-01-01', 1000000000)::bigint AS e,
             b.first_received_at, q.available,
             coalesce(stock_forbidding_state(v_forbidden, b.status,
               stock_is_expired(b.expires_on, p.today), b.id = ANY (k_blocked),
               b.id = ANY (k_recalled)),
             CASE
               WHEN p.skip IS NOT NULL THEN p.skip
               WHEN NOT stock_keeps(p.kind, p.temperature_c_min, p.temperature_c_max,
                                    i.storage_c_min, i.storage_c_max) THEN 'temperature'
               WHEN q.available <= 0 THEN 'promised'
               ELSE '' END) AS skip
      FROM met b
      JOIN spot p ON p.id = b.place_id AND p.site_id = b.site
      CROSS JOIN LATERAL (SELECT c.storage_c_min, c.storage_c_max FROM catalog_item c
        WHERE c.id = b.item_id OFFSET 0) i
      CROSS JOIN LATERAL (SELECT b.on_hand - b.reserved + CASE WHEN b.id = ANY (x_balances)
        THEN (SELECT sum(u.q)::bigint FROM unnest(x_balances, x_quantities) u(b, q)
              WHERE u.b = b.id) ELSE 0 END AS available) q
    ), judged AS (
      SELECT y.*, y.skip <> '' OR coalesce(y.expires_on < y.good, false) AS bad,
             CASE y.sorting WHEN 'fifo' THEN coalesce(tw_us(y.first_received_at), 9000000000000000)
                            WHEN 'lefo' THEN -y.e WHEN 'nearest' THEN y.pick_rank
                            ELSE y.e END AS k1,
             CASE y.sorting WHEN 'nearest' THEN y.e ELSE y.pick_rank END AS k2
      FROM here y
    ), summed AS (
      -- what may be taken counts by quantity up to the total, what may not by rows up to 100
      SELECT m.n, m.id, m.bad, m.skip, m.total, sum(m.amount) OVER way AS through,
             sum(m.amount) OVER way - m.amount AS before
      FROM (SELECT j.*, CASE WHEN j.bad THEN 1 ELSE j.available END::float8 AS amount
            FROM judged j) m
      WINDOW way AS (PARTITION BY m.n, m.bad ORDER BY m.k1, m.k2, coalesce(m.lot_id, 0),
        m.place_id, m.status, coalesce(m.serial_id, 0), coalesce(m.container_id, 0)
        ROWS UNBOUNDED PRECEDING)
    )
    SELECT array_agg(r.id) FILTER (WHERE NOT r.bad),
           array_agg(r.n::int) FILTER (WHERE NOT r.bad),
           array_agg(r.n::int) FILTER (WHERE NOT r.bad AND r.through >= r.total),
           array_agg(r.id) FILTER (WHERE r.bad),
           array_agg(CASE r.skip WHEN '' THEN 'short_life' ELSE r.skip END) FILTER (WHERE r.bad)
      INTO t_ids, t_waves, t_full, s_ids, s_skips
    FROM summed r
    WHERE CASE WHEN r.bad THEN r.before < 100 ELSE r.total IS NULL OR r.before < r.total END;

    -- Where the days did not hold enough after all (a place of the wrong temperature), all days.
    IF EXISTS (SELECT FROM unnest(w_until) WITH ORDINALITY u(day, n)
               WHERE u.day IS NOT NULL AND u.n <> ALL (coalesce(t_full, '{}'))) THEN
      SELECT array_agg(CASE WHEN u.n = ANY (t_full) THEN u.day END ORDER BY u.n)
        INTO w_until FROM unnest(w_until) WITH ORDINALITY u(day, n);
      CONTINUE;
    END IF;

    BEGIN
      SELECT array_agg(q.id), array_agg(q.free) INTO l_ids, l_free
      FROM (SELECT b.id, b.on_hand - b.reserved AS free FROM stock_balance b
            WHERE b.id = ANY (t_ids) OR b.id = ANY (x_balances)
            ORDER BY b.item_id, coalesce(b.lot_id, 0), b.place_id, b.status, b.owner_id,
                     coalesce(b.serial_id, 0), coalesce(b.container_id, 0)
            FOR NO KEY UPDATE) q;
      -- Is there still enough in what we locked of the waves that had enough before?
      SELECT array_agg(c.n) INTO v_short
      FROM (SELECT t.n, sum(l.free) AS free
            FROM unnest(t_ids, t_waves) t(id, n) JOIN unnest(l_ids, l_free) l(id, free)
              ON l.id = t.id
            GROUP BY t.n) c
      JOIN unnest(w_total) WITH ORDINALITY w(total, n) ON w.n = c.n AND w.total > c.free
      WHERE c.n = ANY (t_full);
      IF v_short IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'TW098';  -- gives the locks back
      END IF;
      EXIT;
    EXCEPTION WHEN SQLSTATE 'TW098' THEN
      SELECT array_agg(CASE WHEN w.n = ANY (v_short) THEN NULL ELSE w.total END ORDER BY w.n),
             array_agg(CASE WHEN w.n = ANY (v_short) THEN NULL ELSE w.until END ORDER BY w.n)
        INTO w_total, w_until
      FROM unnest(w_total, w_until) WITH ORDINALITY w(total, until, n);
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
         coalesce(lt.raw_number, se.raw_number)::text, p.code::text, c.skip, k.reason
  FROM (
    SELECT DISTINCT ON (y.id) y.id, y.skip
    FROM (SELECT t.id, '' AS skip FROM unnest(t_ids) t(id)
          UNION ALL SELECT * FROM unnest(s_ids, s_skips)) y
    ORDER BY y.id, y.skip) c
  JOIN stock_balance b ON b.id = c.id
  JOIN places_place p ON p.id = b.place_id
  LEFT JOIN stock_lot lt ON lt.id = b.lot_id
  LEFT JOIN stock_serial se ON se.id = b.serial_id
  LEFT JOIN unnest(k_blocked, k_reasons) k(id, reason) ON k.id = b.id;
END$$;
