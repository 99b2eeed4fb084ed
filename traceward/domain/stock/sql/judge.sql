-- What may be done with goods: the one predicate of availability, and what each leg must fulfil.
-- Small functions are inlined into the statements that use them.

CREATE FUNCTION stock_refuse(p_state text, p_rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'stock_post refused' USING ERRCODE = p_state, DETAIL = p_rows::text;
END$$;

-- The day at a site.
CREATE FUNCTION stock_day(p_at timestamptz, p_zone text) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (p_at AT TIME ZONE p_zone)::date;

-- Usable through the last day, shut from the next.
CREATE FUNCTION stock_is_expired(p_expires date, p_day date) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN p_expires < p_day;

-- What each action does not do with goods, as states.
CREATE FUNCTION stock_policy() RETURNS TABLE (action text, forbidden text[])
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT y.action, array_agg(y.state) FILTER (WHERE NOT y.allowed)
  FROM stock_status_policy y GROUP BY y.action
$$;

-- The one predicate: the state that forbids it, or null. Legs, promises, allocation and queries
-- ask here; blocks are found by sets and told as two facts.
CREATE FUNCTION stock_forbidding_state(p_forbidden text[], p_status int, p_is_expired boolean,
                                       p_is_on_hold boolean, p_is_recalled boolean)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN p_is_expired AND 'expired' = ANY (p_forbidden) THEN 'expired'
  WHEN p_is_recalled AND 'recalled' = ANY (p_forbidden) THEN 'recalled'
  WHEN p_is_on_hold AND 'on_hold' = ANY (p_forbidden) THEN 'on_hold'
  WHEN ('{pending,qualified,rejected}'::text[])[p_status] = ANY (p_forbidden)
    THEN ('{pending,qualified,rejected}'::text[])[p_status] END;

-- Whether a place keeps what the label asks for. A bin that states no temperature keeps nothing
-- that has a limit; docks, staging areas and transit are judged only where they state one.
CREATE FUNCTION stock_keeps(p_kind text, p_min numeric, p_max numeric, p_needs_min numeric,
                            p_needs_max numeric)
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN p_needs_min IS NULL AND p_needs_max IS NULL THEN true
  WHEN p_min IS NULL OR p_max IS NULL THEN p_kind <> 'bin'
  ELSE coalesce(p_min >= p_needs_min, true) AND coalesce(p_max <= p_needs_max, true) END;

-- The active blocks that name something of these, or a place or container that may hold them.
CREATE FUNCTION stock_blocks_near(lots bigint[], serials bigint[], items bigint[],
                                  p_now timestamptz)
RETURNS SETOF stock_block LANGUAGE sql STABLE AS $$
  SELECT b.* FROM stock_block b
  WHERE b.lifted_at IS NULL AND (b.until IS NULL OR b.until > p_now)
    AND (b.lot_id = ANY (lots) OR (b.lot_id IS NULL AND (
         b.serial_id = ANY (serials) OR (b.serial_id IS NULL AND (
         b.item_id = ANY (items) OR (b.item_id IS NULL AND (
         b.container_id IS NOT NULL OR b.place_id IS NOT NULL)))))))
$$;

-- Those that cover some of these legs where they come from, and whether the leg leaves them:
-- a block of a place or container does not reach to where the goods go.
CREATE FUNCTION stock_blocks_on(lots bigint[], serials bigint[], containers bigint[],
                                places bigint[], items bigint[], to_containers bigint[],
                                to_places bigint[], p_now timestamptz)
RETURNS TABLE (n int, block_id bigint, kind text, leaves boolean) LANGUAGE sql STABLE AS $$
  WITH RECURSIVE leg AS (
    SELECT * FROM unnest(lots, serials, containers, places, items, to_containers, to_places)
      WITH ORDINALITY AS x(lot, serial, container, place, item, to_container, to_place, n)
  ), active AS MATERIALIZED (
    SELECT * FROM stock_blocks_near(lots, serials, items, p_now)
  ), up(box, id, parent_id) AS (
    SELECT c.id, c.id, c.parent_id FROM stock_container c
    WHERE c.id = ANY (containers) OR c.id = ANY (to_containers)
    UNION
    SELECT u.box, c.id, c.parent_id FROM up u JOIN stock_container c ON c.id = u.parent_id
  ), met AS (
    -- each block by its narrowest scope: thousands of serials may have a block each
    SELECT b.id AS block_id, b.kind, b.place_id, b.container_id, l.*
    FROM active b JOIN leg l ON l.lot = b.lot_id
      AND (b.serial_id IS NULL OR b.serial_id = l.serial)
      AND (b.item_id IS NULL OR b.item_id = l.item)
    UNION ALL
    SELECT b.id, b.kind, b.place_id, b.container_id, l.*
    FROM active b JOIN leg l ON l.serial = b.serial_id AND (b.item_id IS NULL OR b.item_id = l.item)
    WHERE b.lot_id IS NULL
    UNION ALL
    SELECT b.id, b.kind, b.place_id, b.container_id, l.*
    FROM active b JOIN leg l ON l.item = b.item_id
    WHERE b.lot_id IS NULL AND b.serial_id IS NULL
    UNION ALL
    SELECT b.id, b.kind, b.place_id, b.container_id, l.*
    FROM active b CROSS JOIN leg l
    WHERE b.lot_id IS NULL AND b.serial_id IS NULL AND b.item_id IS NULL
  )
  SELECT m.n::int, m.block_id, m.kind::text, NOT (
    (m.place_id IS NULL OR coalesce(m.place_id = ANY (pt.path), false))
    AND (m.container_id IS NULL OR EXISTS (
      SELECT FROM up u WHERE u.box = m.to_container AND u.id = m.container_id)))
  FROM met m
  JOIN places_place pf ON pf.id = m.place
  LEFT JOIN places_place pt ON pt.id = m.to_place
  WHERE (m.place_id IS NULL OR m.place_id = ANY (pf.path))
    AND (m.container_id IS NULL OR EXISTS (
      SELECT FROM up u WHERE u.box = m.container AND u.id = m.container_id))
$$;

-- What is wrong with each leg, by number, or null: against what it names and what its code allows.
CREATE FUNCTION stock_leg_faults(
  codes int[], items bigint[], lots bigint[], serials bigint[], quantities bigint[],
  sources bigint[], from_statuses int[], from_owners bigint[], targets bigint[],
  to_statuses int[], to_owners bigint[], happened timestamptz)
RETURNS TABLE (n int, fault int, needs_signature boolean) LANGUAGE sql STABLE AS $$
  SELECT l.n::int,
    CASE
      WHEN c.code IS NULL OR i.id IS NULL OR pf.id IS NULL OR pt.id IS NULL
        OR i.has_lots IS DISTINCT FROM (l.lot IS NOT NULL)
        OR i.has_serials IS DISTINCT FROM (l.serial IS NOT NULL)
        OR (l.lot IS NOT NULL AND lt.item_id IS DISTINCT FROM l.item)
        OR (l.serial IS NOT NULL AND (se.item_id IS DISTINCT FROM l.item
            OR se.lot_id IS DISTINCT FROM l.lot)) THEN 1
      WHEN l.qty IS NULL OR l.qty <= 0 OR (l.serial IS NOT NULL AND l.qty > 1) THEN 2
      WHEN NOT (pf.kind = ANY (c.from_kinds) OR c.code = 18)
        OR NOT (pt.kind = ANY (c.to_kinds) OR c.code = 18)
        OR (c.same_place <> (l.fp = l.tp) AND c.code <> 18) THEN 3
      WHEN c.within_site AND pf.site_id <> pt.site_id THEN 4
      WHEN l.fs <> l.ts AND c.code <> 18
        AND NOT (l.fs || '>' || l.ts) = ANY (c.status_changes) THEN 5
      WHEN (l.ts = 2 AND l.fs <> 2 AND c.code <> 11)
        OR l.ts NOT IN (1, 2, 3) OR l.fs NOT IN (1, 2, 3)
        OR (c.code IN (1, 10, 13) AND l.fs <> 1) OR (c.code = 15 AND l.ts = 2) THEN 6
      WHEN l.fo <> l.too AND NOT c.may_change_owner THEN 7
      WHEN NOT pt.is_open AND c.code <> 18 THEN 8
      WHEN s.state IS NOT NULL THEN CASE s.state WHEN 'expired' THEN 9 ELSE 10 END
      WHEN c.code <> 18 AND NOT stock_keeps(pt.kind, pt.temperature_c_min, pt.temperature_c_max,
                                            i.storage_c_min, i.storage_c_max) THEN 11
    END AS fault,
    c.needs_signature
  FROM unnest(codes, items, lots, serials, quantities, sources, from_statuses, from_owners,
              targets, to_statuses, to_owners)
    WITH ORDINALITY AS l(code, item, lot, serial, qty, fp, fs, fo, tp, ts, too, n)
  LEFT JOIN stock_move_code c ON c.code = l.code
  LEFT JOIN catalog_item i ON i.id = l.item
  LEFT JOIN stock_lot lt ON lt.id = l.lot
  LEFT JOIN stock_serial se ON se.id = l.serial
  LEFT JOIN places_place pf ON pf.id = l.fp
  LEFT JOIN places_place pt ON pt.id = l.tp
  LEFT JOIN org_site sf ON sf.id = pf.site_id
  LEFT JOIN stock_policy() y ON y.action = c.action
  CROSS JOIN LATERAL (SELECT stock_forbidding_state(y.forbidden, l.fs,
    stock_is_expired(lt.expires_on, stock_day(happened, sf.time_zone)), false, false) AS state) s
$$;

-- The same told in full, the first 50, for whoever has to mend it.
CREATE FUNCTION stock_leg_fault_rows(
  codes int[], items bigint[], lots bigint[], serials bigint[], quantities bigint[],
  sources bigint[], from_statuses int[], from_owners bigint[], targets bigint[],
  to_statuses int[], to_owners bigint[], happened timestamptz)
RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_agg(f.row ORDER BY f.fault, f.n) FROM (
    SELECT x.fault, x.n, jsonb_build_object('n', x.n,
      'state', (ARRAY['TW002', 'TW003', 'TW003', 'TW003', 'TW003', 'TW003', 'TW003', 'TW003',
                      'TW005', 'TW004', 'TW007'])[x.fault],
      'why', (ARRAY['unknown', 'quantity', 'way', 'site', 'status', 'enters qualified', 'owner',
                    'closed place', 'expired', 'state', 'temperature'])[x.fault],
      'code', c.name, 'item', i.code, 'lot', lt.raw_number, 'serial', se.raw_number,
      'from', pf.code, 'to', pt.code, 'expires_on', lt.expires_on,
      'needs_min', i.storage_c_min, 'needs_max', i.storage_c_max,
      'status', from_statuses[x.n]) AS row
    FROM stock_leg_faults(codes, items, lots, serials, quantities, sources, from_statuses,
                          from_owners, targets, to_statuses, to_owners, happened) x
    LEFT JOIN stock_move_code c ON c.code = codes[x.n]
    LEFT JOIN catalog_item i ON i.id = items[x.n]
    LEFT JOIN stock_lot lt ON lt.id = lots[x.n]
    LEFT JOIN stock_serial se ON se.id = serials[x.n]
    LEFT JOIN places_place pf ON pf.id = sources[x.n]
    LEFT JOIN places_place pt ON pt.id = targets[x.n]
    WHERE x.fault IS NOT NULL
    ORDER BY x.fault, x.n LIMIT 50) f
$$;

-- What a genealogy lacks, or null: every edge is proved by moves of the same post, and whatever is
-- consumed and produced together has its edge. Quantities of an edge are those of its input.
CREATE FUNCTION stock_genealogy_faults(
  codes int[], lots bigint[], serials bigint[], quantities bigint[],
  in_lots bigint[], in_serials bigint[], out_lots bigint[], out_serials bigint[],
  edge_quantities bigint[])
RETURNS jsonb LANGUAGE sql STABLE AS $$
  WITH edge AS (
    SELECT coalesce(il, 0) AS il, coalesce(ise, 0) AS ise, coalesce(ol, 0) AS ol,
           coalesce(ose, 0) AS ose, q
    FROM unnest(in_lots, in_serials, out_lots, out_serials, edge_quantities) g(il, ise, ol, ose, q)
  ), moved AS (
    SELECT c, coalesce(lt, 0) AS lot, coalesce(se, 0) AS serial, sum(q) AS q
    FROM unnest(codes, lots, serials, quantities) l(c, lt, se, q)
    WHERE c IN (9, 10) GROUP BY 1, 2, 3
  ), turned AS (
    SELECT * FROM moved WHERE (lot, serial) <> (0, 0)
      AND EXISTS (SELECT FROM moved WHERE c = 9) AND EXISTS (SELECT FROM moved WHERE c = 10)
  ), found AS (
    SELECT CASE WHEN i.q IS NULL THEN 'not consumed' ELSE 'more than consumed' END AS why,
           e.il AS lot, e.ise AS serial
    FROM edge e LEFT JOIN moved i ON i.c = 9 AND i.lot = e.il AND i.serial = e.ise
    WHERE i.q IS NULL OR e.q > i.q
    UNION ALL
    SELECT 'not produced', e.ol, e.ose
    FROM edge e
    LEFT JOIN moved o ON o.c = 10 AND o.lot = e.ol AND o.serial = e.ose
    LEFT JOIN (SELECT DISTINCT lot FROM moved WHERE c = 10) w ON w.lot = e.ol AND e.ose = 0
    WHERE o.q IS NULL AND w.lot IS NULL
    UNION ALL
    SELECT 'leads nowhere', t.lot, t.serial
    FROM turned t LEFT JOIN (SELECT DISTINCT il, ise FROM edge) e
      ON e.il = t.lot AND e.ise = t.serial
    WHERE t.c = 9 AND e.il IS NULL
    UNION ALL
    SELECT 'comes from nowhere', t.lot, t.serial
    FROM turned t
    LEFT JOIN (SELECT DISTINCT ol, ose FROM edge) e ON e.ol = t.lot AND e.ose = t.serial
    LEFT JOIN (SELECT DISTINCT ol FROM edge WHERE ose = 0) w ON w.ol = t.lot
    WHERE t.c = 10 AND e.ol IS NULL AND w.ol IS NULL
  )
  SELECT jsonb_agg(jsonb_build_object('why', f.why, 'item', i.code, 'lot', lt.raw_number,
                                      'serial', se.raw_number) ORDER BY f.why, f.lot, f.serial)
  FROM (SELECT * FROM found ORDER BY why, lot, serial LIMIT 50) f
  LEFT JOIN stock_lot lt ON lt.id = f.lot
  LEFT JOIN stock_serial se ON se.id = f.serial
  LEFT JOIN catalog_item i ON i.id = coalesce(lt.item_id, se.item_id)
$$;
