-- The past: checkpoints of what stands inside, and stock as of a moment.
-- What each moment means stands in docs/reference/past-stock.md.
--
-- Inside are our own places and transit; everything else is answered from the lot's or the
-- place's own moves. A row is late when it was posted more than an hour after it happened.

CREATE FUNCTION stock_is_inside(p_kind text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN p_kind IN ('warehouse', 'zone', 'bin', 'dock', 'staging', 'repair', 'transit');

-- Late rows by the span between the world and the ledger: found by any moment inside it.
CREATE INDEX stock_move_late_span ON stock_move
  USING gist (tstzrange(least(happened_at, posted_at), posted_at, '[]'))
  WHERE (posted_at - happened_at) > interval '1 hour';

-- What stood inside at a happened moment, as the first `sequence` commands tell it.
CREATE TABLE stock_checkpoint (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  sequence bigint NOT NULL,
  made_at timestamptz NOT NULL,
  late_from timestamptz NOT NULL,      -- whatever it does not hold was posted after this
  moves bigint NOT NULL,               -- since the checkpoint before it
  is_renewal boolean NOT NULL,
  is_void boolean NOT NULL DEFAULT false,
  CONSTRAINT stock_checkpoint_behind CHECK (at <= late_from - interval '1 hour')
);
CREATE UNIQUE INDEX stock_checkpoint_at ON stock_checkpoint (at, sequence) WHERE NOT is_void;

CREATE TABLE stock_checkpoint_item (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  checkpoint_id bigint NOT NULL REFERENCES stock_checkpoint,
  item_id bigint NOT NULL,
  site_id bigint NOT NULL,
  pending bigint NOT NULL,
  qualified bigint NOT NULL,
  rejected bigint NOT NULL,
  in_transit bigint NOT NULL,
  balance_ids bigint[] NOT NULL,
  quantities bigint[] NOT NULL,
  CONSTRAINT stock_checkpoint_item_pairs CHECK (cardinality(balance_ids) = cardinality(quantities))
);
CREATE UNIQUE INDEX stock_checkpoint_item_once ON stock_checkpoint_item
  (checkpoint_id, item_id, site_id) INCLUDE (pending, qualified, rejected, in_transit);

-- The checkpoint from which a question starts: the nearest one before the moment that holds
-- nothing the asker did not know.
CREATE FUNCTION stock_checkpoint_for(p_at timestamptz, p_sequence bigint, p_posted timestamptz)
RETURNS stock_checkpoint LANGUAGE sql STABLE AS $$
  SELECT c FROM stock_checkpoint c
  WHERE NOT c.is_void AND c.at <= p_at
    AND (p_sequence IS NULL OR c.sequence <= p_sequence)
    AND (p_posted IS NULL OR c.made_at + interval '10 minutes' <= p_posted)
  ORDER BY c.at DESC, c.sequence DESC LIMIT 1
$$;

-- Moves that happened in (after, until]. The span in posting time lets its BRIN help.
-- These functions are inlined into their callers.
CREATE FUNCTION stock_moves_within(p_after timestamptz, p_until timestamptz)
RETURNS SETOF stock_move LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT * FROM stock_move
  WHERE happened_at > p_after AND happened_at <= p_until
    AND posted_at >= p_after - interval '2 minutes' AND posted_at <= p_until + interval '1 hour'
    AND (posted_at - happened_at) <= interval '1 hour'
  UNION ALL
  SELECT * FROM stock_move
  WHERE happened_at > p_after AND happened_at <= p_until
    AND (posted_at - happened_at) > interval '1 hour'
$$;

-- Late moves that happened before a checkpoint at `p_at` and are not among its first `p_held`
-- commands; what it does not hold was posted after `p_from`. None where there is no checkpoint.
CREATE FUNCTION stock_moves_late(p_at timestamptz, p_held bigint, p_from timestamptz)
RETURNS SETOF stock_move LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT m.* FROM stock_move m
  WHERE p_held IS NOT NULL AND m.happened_at <= p_at
    AND (m.posted_at - m.happened_at) > interval '1 hour'
    AND tstzrange(least(m.happened_at, m.posted_at), m.posted_at, '[]')
        @> tstzrange(p_at, p_from, '[]')
    AND NOT EXISTS (SELECT FROM outbox_order o
                    WHERE o.command_id = m.command_id AND o.sequence <= p_held)
$$;

-- Both sides of every move that a checkpoint lacks until a later moment, as far as it was known.
CREATE FUNCTION stock_changes(p_after timestamptz, p_until timestamptz, p_held bigint,
  p_late_from timestamptz, p_sequence bigint, p_posted timestamptz)
RETURNS TABLE (item_id bigint, lot_id bigint, serial_id bigint, container_id bigint,
               place_id bigint, status smallint, owner_id bigint, change bigint)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT m.item_id, m.lot_id, m.serial_id, s.container_id, s.place_id, s.status, s.owner_id,
         s.change
  FROM (
    SELECT * FROM stock_moves_within(p_after, p_until)
    UNION ALL
    SELECT * FROM stock_moves_late(p_after, p_held, p_late_from)) m
  CROSS JOIN LATERAL (VALUES
    (m.from_place_id, m.from_status, m.from_owner_id, m.from_container_id, -m.quantity),
    (m.to_place_id, m.to_status, m.to_owner_id, m.to_container_id, m.quantity)
  ) s(place_id, status, owner_id, container_id, change)
  WHERE (p_posted IS NULL OR m.posted_at <= p_posted)
    AND (p_sequence IS NULL OR EXISTS (
      SELECT FROM outbox_order o WHERE o.command_id = m.command_id AND o.sequence <= p_sequence))
$$;

-- The same for some items, by the places where they ever stood: a balance is never removed.
CREATE FUNCTION stock_changes_of(p_items bigint[], p_places bigint[], p_after timestamptz,
  p_until timestamptz, p_held bigint, p_late_from timestamptz, p_sequence bigint,
  p_posted timestamptz)
RETURNS TABLE (item_id bigint, lot_id bigint, serial_id bigint, container_id bigint,
               place_id bigint, status smallint, owner_id bigint, change bigint)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT k.item_id, m.lot_id, m.serial_id, m.container_id, k.place_id, m.status, m.owner_id,
         m.change
  FROM (SELECT DISTINCT b.item_id, b.place_id
        FROM stock_balance b JOIN places_place p ON p.id = b.place_id AND stock_is_inside(p.kind)
        WHERE b.item_id = ANY (p_items) AND (p_places IS NULL OR b.place_id = ANY (p_places))) k
  CROSS JOIN LATERAL (
    SELECT x.command_id, x.posted_at, x.lot_id, x.serial_id, x.from_container_id AS container_id,
           x.from_status AS status, x.from_owner_id AS owner_id, -x.quantity AS change
    FROM stock_move x
    WHERE x.from_place_id = k.place_id AND x.item_id = k.item_id
      AND x.happened_at > p_after AND x.happened_at <= p_until
    UNION ALL
    SELECT x.command_id, x.posted_at, x.lot_id, x.serial_id, x.to_container_id, x.to_status,
           x.to_owner_id, x.quantity
    FROM stock_move x
    WHERE x.to_place_id = k.place_id AND x.item_id = k.item_id
      AND x.happened_at > p_after AND x.happened_at <= p_until
  ) m
  WHERE (p_posted IS NULL OR m.posted_at <= p_posted)
    AND (p_sequence IS NULL OR EXISTS (
      SELECT FROM outbox_order o WHERE o.command_id = m.command_id AND o.sequence <= p_sequence))
  UNION ALL
  SELECT m.item_id, m.lot_id, m.serial_id, s.container_id, s.place_id, s.status, s.owner_id,
         s.change
  FROM stock_moves_late(p_after, p_held, p_late_from) m
  CROSS JOIN LATERAL (VALUES
    (m.from_place_id, m.from_status, m.from_owner_id, m.from_container_id, -m.quantity),
    (m.to_place_id, m.to_status, m.to_owner_id, m.to_container_id, m.quantity)
  ) s(place_id, status, owner_id, container_id, change)
  WHERE m.item_id = ANY (p_items) AND (p_places IS NULL OR s.place_id = ANY (p_places))
    AND (p_posted IS NULL OR m.posted_at <= p_posted)
    AND (p_sequence IS NULL OR EXISTS (
      SELECT FROM outbox_order o WHERE o.command_id = m.command_id AND o.sequence <= p_sequence))
$$;

-- Per item and site, what stood inside at the moment.
CREATE FUNCTION stock_past_items(p_at timestamptz, p_sequence bigint, p_posted timestamptz,
                                 p_sites bigint[], p_items bigint[])
RETURNS TABLE (item_id bigint, site_id bigint, pending bigint, qualified bigint,
               rejected bigint, in_transit bigint)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan SET jit = off
SET work_mem = '64MB' AS $$
#variable_conflict use_column
DECLARE
  c stock_checkpoint := stock_checkpoint_for(p_at, p_sequence, p_posted);
  v_after timestamptz := coalesce(c.at, '-infinity');
BEGIN
  IF p_items IS NULL THEN
    RETURN QUERY
    SELECT z.item_id, z.site_id, coalesce(sum(z.p), 0)::bigint, coalesce(sum(z.q), 0)::bigint,
           coalesce(sum(z.r), 0)::bigint, coalesce(sum(z.t), 0)::bigint
    FROM (
      SELECT i.item_id, i.site_id, i.pending AS p, i.qualified AS q, i.rejected AS r,
             i.in_transit AS t
      FROM stock_checkpoint_item i
      WHERE i.checkpoint_id = c.id AND (p_sites IS NULL OR i.site_id = ANY (p_sites))
      UNION ALL
      SELECT s.item_id, pl.site_id,
        sum(s.change) FILTER (WHERE s.status = 1 AND pl.kind <> 'transit'),
        sum(s.change) FILTER (WHERE s.status = 2 AND pl.kind <> 'transit'),
        sum(s.change) FILTER (WHERE s.status = 3 AND pl.kind <> 'transit'),
        sum(s.change) FILTER (WHERE pl.kind = 'transit')
      FROM stock_changes(v_after, p_at, c.sequence, c.late_from, p_sequence, p_posted) s
      JOIN places_place pl ON pl.id = s.place_id AND stock_is_inside(pl.kind)
      WHERE p_sites IS NULL OR pl.site_id = ANY (p_sites)
      GROUP BY s.item_id, pl.site_id) z
    GROUP BY z.item_id, z.site_id;
  ELSE
    RETURN QUERY
    SELECT z.item_id, z.site_id, coalesce(sum(z.p), 0)::bigint, coalesce(sum(z.q), 0)::bigint,
           coalesce(sum(z.r), 0)::bigint, coalesce(sum(z.t), 0)::bigint
    FROM (
      SELECT i.item_id, i.site_id, i.pending AS p, i.qualified AS q, i.rejected AS r,
             i.in_transit AS t
      FROM stock_checkpoint_item i
      WHERE i.checkpoint_id = c.id AND i.item_id = ANY (p_items)
        AND (p_sites IS NULL OR i.site_id = ANY (p_sites))
      UNION ALL
      SELECT s.item_id, pl.site_id,
        sum(s.change) FILTER (WHERE s.status = 1 AND pl.kind <> 'transit'),
        sum(s.change) FILTER (WHERE s.status = 2 AND pl.kind <> 'transit'),
        sum(s.change) FILTER (WHERE s.status = 3 AND pl.kind <> 'transit'),
        sum(s.change) FILTER (WHERE pl.kind = 'transit')
      FROM stock_changes_of(p_items, NULL, v_after, p_at, c.sequence, c.late_from, p_sequence,
                            p_posted) s
      JOIN places_place pl ON pl.id = s.place_id AND stock_is_inside(pl.kind)
      WHERE p_sites IS NULL OR pl.site_id = ANY (p_sites)
      GROUP BY s.item_id, pl.site_id) z
    GROUP BY z.item_id, z.site_id;
  END IF;
END$$;

-- Changes of balances as rows of balances: a key that ever moved has its balance.
CREATE FUNCTION stock_changed_balances(p_after timestamptz, p_until timestamptz, p_held bigint,
  p_late_from timestamptz, p_sequence bigint, p_posted timestamptz)
RETURNS TABLE (balance_id bigint, change numeric) LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT b.id, s.n
  FROM (
    SELECT c.item_id, coalesce(c.lot_id, 0) AS lot, c.place_id, c.status, c.owner_id,
           coalesce(c.serial_id, 0) AS serial, coalesce(c.container_id, 0) AS container,
           sum(c.change) AS n
    FROM stock_changes(p_after, p_until, p_held, p_late_from, p_sequence, p_posted) c
    JOIN places_place p ON p.id = c.place_id AND stock_is_inside(p.kind)
    GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(c.change) <> 0) s
  JOIN stock_balance b ON b.item_id = s.item_id AND coalesce(b.lot_id, 0) = s.lot
    AND b.place_id + 0 = s.place_id AND b.status = s.status AND b.owner_id = s.owner_id
    AND coalesce(b.serial_id, 0) = s.serial AND coalesce(b.container_id, 0) = s.container
$$;

-- By lot, serial, container, place, status and owner, what stood inside at the moment: all of it.
-- The planner cannot know how many moves a window holds, so loops over indexes are kept out.
CREATE FUNCTION stock_past_all(p_at timestamptz, p_sequence bigint, p_posted timestamptz,
                               p_sites bigint[], p_owners bigint[])
RETURNS TABLE (item_id bigint, lot_id bigint, serial_id bigint, container_id bigint,
               place_id bigint, status smallint, owner_id bigint, on_hand bigint)
LANGUAGE plpgsql STABLE ROWS 200000 SET plan_cache_mode = force_custom_plan SET jit = off
SET work_mem = '64MB' SET enable_nestloop = off SET max_parallel_workers_per_gather = 0 AS $$
#variable_conflict use_column
DECLARE
  c stock_checkpoint := stock_checkpoint_for(p_at, p_sequence, p_posted);
  v_after timestamptz := coalesce(c.at, '-infinity');
BEGIN
  RETURN QUERY
  SELECT b.item_id, b.lot_id, b.serial_id, b.container_id, b.place_id, b.status, b.owner_id,
         z.n::bigint
  FROM (
    SELECT y.id, sum(y.n) AS n
    FROM (
      SELECT u.id, u.n FROM stock_checkpoint_item i
      CROSS JOIN LATERAL unnest(i.balance_ids, i.quantities) u(id, n)
      WHERE i.checkpoint_id = c.id AND (p_sites IS NULL OR i.site_id = ANY (p_sites))
      UNION ALL
      SELECT s.balance_id, s.change
      FROM stock_changed_balances(v_after, p_at, c.sequence, c.late_from, p_sequence, p_posted) s) y
    GROUP BY y.id HAVING sum(y.n) <> 0) z
  JOIN stock_balance b ON b.id = z.id
  JOIN places_place pl ON pl.id = b.place_id
  WHERE (p_sites IS NULL OR pl.site_id = ANY (p_sites))
    AND (p_owners IS NULL OR b.owner_id = ANY (p_owners));
END$$;

-- The same for some items or some places inside.
CREATE FUNCTION stock_past_of(p_at timestamptz, p_sequence bigint, p_posted timestamptz,
  p_sites bigint[], p_items bigint[], p_places bigint[], p_owners bigint[])
RETURNS TABLE (item_id bigint, lot_id bigint, serial_id bigint, container_id bigint,
               place_id bigint, status smallint, owner_id bigint, on_hand bigint)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan SET jit = off
SET work_mem = '64MB' AS $$
#variable_conflict use_column
DECLARE
  c stock_checkpoint := stock_checkpoint_for(p_at, p_sequence, p_posted);
  v_after timestamptz := coalesce(c.at, '-infinity');
  v_items bigint[] := coalesce(p_items, (SELECT array_agg(DISTINCT b.item_id)
                                         FROM stock_balance b WHERE b.place_id = ANY (p_places)),
                               '{}');
BEGIN
  RETURN QUERY
  SELECT z.item_id, z.lot_id, z.serial_id, z.container_id, z.place_id, z.status, z.owner_id,
         sum(z.n)::bigint
  FROM (
    SELECT b.item_id, b.lot_id, b.serial_id, b.container_id, b.place_id, b.status, b.owner_id,
           u.n
    FROM stock_checkpoint_item i
    CROSS JOIN LATERAL unnest(i.balance_ids, i.quantities) u(id, n)
    JOIN stock_balance b ON b.id = u.id
    WHERE i.checkpoint_id = c.id AND i.item_id = ANY (v_items)
      AND (p_sites IS NULL OR i.site_id = ANY (p_sites))
      AND (p_places IS NULL OR b.place_id = ANY (p_places))
      AND (p_owners IS NULL OR b.owner_id = ANY (p_owners))
    UNION ALL
    SELECT s.* FROM stock_changes_of(v_items, p_places, v_after, p_at, c.sequence, c.late_from,
                                     p_sequence, p_posted) s
    JOIN places_place pl ON pl.id = s.place_id AND stock_is_inside(pl.kind)
    WHERE (p_sites IS NULL OR pl.site_id = ANY (p_sites))
      AND (p_owners IS NULL OR s.owner_id = ANY (p_owners))) z
  GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(z.n) <> 0;
END$$;

-- The same from the moves alone, for lots or for places outside: customers, used, suppliers.
CREATE FUNCTION stock_past_from_moves(p_at timestamptz, p_sequence bigint, p_posted timestamptz,
  p_sites bigint[], p_items bigint[], p_lots bigint[], p_serials bigint[], p_places bigint[],
  p_owners bigint[])
RETURNS TABLE (item_id bigint, lot_id bigint, serial_id bigint, container_id bigint,
               place_id bigint, status smallint, owner_id bigint, on_hand bigint)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan SET jit = off
SET work_mem = '64MB' AS $$
#variable_conflict use_column
BEGIN
  IF p_lots IS NULL AND p_serials IS NULL AND p_places IS NULL THEN
    RAISE EXCEPTION 'name lots, serials or places';
  END IF;
  RETURN QUERY
  SELECT m.item_id, m.lot_id, m.serial_id, s.container_id, s.place_id, s.status, s.owner_id,
         sum(s.change)::bigint
  FROM (
    SELECT x.* FROM stock_move x WHERE p_lots IS NOT NULL AND x.lot_id = ANY (p_lots)
    UNION ALL
    SELECT x.* FROM stock_move x
    WHERE p_lots IS NULL AND p_serials IS NOT NULL AND x.serial_id = ANY (p_serials)
    UNION ALL
    SELECT x.* FROM stock_move x
    WHERE p_lots IS NULL AND p_serials IS NULL AND x.from_place_id = ANY (p_places)
    UNION ALL
    SELECT x.* FROM stock_move x
    WHERE p_lots IS NULL AND p_serials IS NULL AND x.to_place_id = ANY (p_places)
      AND NOT x.from_place_id = ANY (p_places)
  ) m
  CROSS JOIN LATERAL (VALUES
    (m.from_place_id, m.from_status, m.from_owner_id, m.from_container_id, -m.quantity),
    (m.to_place_id, m.to_status, m.to_owner_id, m.to_container_id, m.quantity)
  ) s(place_id, status, owner_id, container_id, change)
  JOIN places_place pl ON pl.id = s.place_id
  WHERE m.happened_at <= p_at
    AND (p_posted IS NULL OR m.posted_at <= p_posted)
    AND (p_sequence IS NULL OR EXISTS (
      SELECT FROM outbox_order o WHERE o.command_id = m.command_id AND o.sequence <= p_sequence))
    AND (p_serials IS NULL OR m.serial_id = ANY (p_serials))
    AND (p_items IS NULL OR m.item_id = ANY (p_items))
    AND (p_places IS NULL OR s.place_id = ANY (p_places))
    AND (p_owners IS NULL OR s.owner_id = ANY (p_owners))
    AND (p_sites IS NULL OR pl.site_id = ANY (p_sites))
  GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(s.change) <> 0;
END$$;

-- How many late rows a checkpoint does not hold.
CREATE FUNCTION stock_checkpoint_lateness(p_checkpoint bigint) RETURNS bigint
LANGUAGE sql STABLE AS $$
  SELECT count(*) FROM stock_checkpoint c
  CROSS JOIN LATERAL stock_moves_late(c.at, c.sequence, c.late_from)
  WHERE c.id = p_checkpoint
$$;

-- The moment up to which at most so many moves happened after another one; null while there are
-- fewer before the limit. Looks through windows that double, so that bursts and nights cost little.
CREATE FUNCTION stock_next_checkpoint_at(p_after timestamptz, p_limit timestamptz, p_spacing int)
RETURNS timestamptz LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan
SET jit = off AS $$
DECLARE
  v_after timestamptz := p_after;
  v_until timestamptz;
  v_span interval := '1 hour';
  v_n bigint;
  v_next timestamptz;
  v_at timestamptz;
BEGIN
  IF v_after IS NULL OR v_after = '-infinity' THEN
    SELECT min(happened_at) - interval '1 microsecond' INTO v_after FROM stock_move;
  END IF;
  IF v_after IS NULL OR v_after >= p_limit THEN
    RETURN NULL;
  END IF;
  LOOP
    v_until := least(v_after + v_span, p_limit);
    SELECT count(*) INTO v_n FROM stock_moves_within(v_after, v_until);
    EXIT WHEN v_n > p_spacing;
    IF v_until = p_limit THEN
      RETURN CASE WHEN v_n = p_spacing THEN p_limit END;
    END IF;
    v_span := v_span * 2;
  END LOOP;
  -- the first move too many; what ties with it comes after the checkpoint
  SELECT m.happened_at INTO v_next FROM stock_moves_within(v_after, v_until) m
  ORDER BY m.happened_at OFFSET p_spacing LIMIT 1;
  SELECT max(m.happened_at) INTO v_at FROM stock_moves_within(v_after, v_until) m
  WHERE m.happened_at < v_next;
  RETURN coalesce(v_at, v_next);  -- more than the spacing in one moment cannot be divided
END$$;

-- Whatever has no sequence yet was posted after this: the oldest command that waits for one, or
-- what may be in flight. A write transaction lasts seconds; ten minutes are far more.
CREATE FUNCTION stock_checkpoint_late_from() RETURNS timestamptz LANGUAGE sql STABLE
RETURN (SELECT least(tw_now() - interval '10 minutes', min(a.at))
        FROM outbox_queue q JOIN audit_entry a ON a.id = q.command_id);

-- A checkpoint at the moment, from the sequenced commands only, so that nothing can appear behind
-- it; a renewal takes the place of the renewal before it, never of the first one.
CREATE FUNCTION stock_make_checkpoint(p_at timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET plan_cache_mode = force_custom_plan SET jit = off SET work_mem = '64MB'
SET enable_nestloop = off SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
  v_id bigint;
  v_sequence bigint;
  v_before timestamptz;
  v_old bigint[];
  v_late_from timestamptz;
  c stock_checkpoint;
BEGIN
  PERFORM pg_advisory_xact_lock(7203);
  PERFORM brin_summarize_new_values('stock_move_happened'),
          brin_summarize_new_values('stock_move_posted');
  v_late_from := stock_checkpoint_late_from();  -- before the sequence, which may still grow
  SELECT coalesce(max(sequence), 0) INTO v_sequence FROM outbox_order;
  c := stock_checkpoint_for(p_at, v_sequence, NULL);
  SELECT id INTO v_id FROM stock_checkpoint
  WHERE at = p_at AND sequence = v_sequence AND NOT is_void;
  IF FOUND THEN
    RETURN v_id;
  END IF;
  SELECT coalesce(max(at), '-infinity') INTO v_before FROM stock_checkpoint
  WHERE NOT is_void AND at < p_at;
  SELECT array_agg(id) INTO v_old FROM stock_checkpoint
  WHERE NOT is_void AND at = p_at AND is_renewal;
  WITH made AS (
    INSERT INTO stock_checkpoint (at, sequence, made_at, late_from, moves, is_renewal)
    VALUES (p_at, v_sequence, tw_now(), v_late_from,
            (SELECT count(*) FROM stock_moves_within(v_before, p_at)),
            EXISTS (SELECT FROM stock_checkpoint WHERE at = p_at AND NOT is_void))
    RETURNING id
  ), filled AS (
    INSERT INTO stock_checkpoint_item (checkpoint_id, item_id, site_id, pending, qualified,
                                       rejected, in_transit, balance_ids, quantities)
    SELECT (SELECT id FROM made), b.item_id, pl.site_id,
      coalesce(sum(s.on_hand) FILTER (WHERE b.status = 1 AND pl.kind <> 'transit'), 0),
      coalesce(sum(s.on_hand) FILTER (WHERE b.status = 2 AND pl.kind <> 'transit'), 0),
      coalesce(sum(s.on_hand) FILTER (WHERE b.status = 3 AND pl.kind <> 'transit'), 0),
      coalesce(sum(s.on_hand) FILTER (WHERE pl.kind = 'transit'), 0),
      array_agg(b.id ORDER BY b.id), array_agg(s.on_hand ORDER BY b.id)
    FROM (
      SELECT y.id, sum(y.n)::bigint AS on_hand
      FROM (
        SELECT u.id, u.n FROM stock_checkpoint_item i
        CROSS JOIN LATERAL unnest(i.balance_ids, i.quantities) u(id, n)
        WHERE i.checkpoint_id = c.id
        UNION ALL
        SELECT x.balance_id, x.change
        FROM stock_changed_balances(coalesce(c.at, '-infinity'), p_at, c.sequence,
               c.late_from, v_sequence, NULL) x) y
      GROUP BY y.id HAVING sum(y.n) <> 0) s
    JOIN stock_balance b ON b.id = s.id
    JOIN places_place pl ON pl.id = b.place_id
    GROUP BY b.item_id, pl.site_id
  )
  SELECT id INTO v_id FROM made;
  DELETE FROM stock_checkpoint_item WHERE checkpoint_id = ANY (v_old);
  DELETE FROM stock_checkpoint WHERE id = ANY (v_old);
  RETURN v_id;
END$$;

-- In a sandbox whose clock is set back, what a checkpoint lacks may be posted before its
-- `late_from`: such a checkpoint no longer counts.
CREATE FUNCTION stock_void_checkpoints() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(7203);
  UPDATE stock_checkpoint SET is_void = true
  WHERE NOT is_void AND late_from > now() + NEW.clock_offset;
  RETURN NULL;
END$$;
CREATE TRIGGER void_checkpoints AFTER UPDATE OF clock_offset ON base_database
  FOR EACH ROW WHEN (NEW.clock_offset < OLD.clock_offset)
  EXECUTE FUNCTION stock_void_checkpoints();

-- Closing a period is not undone.
CALL tw_make_append_only('stock_closed_period');
