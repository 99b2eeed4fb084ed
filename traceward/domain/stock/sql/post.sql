-- stock_post: the only way a move is written. Arrays in, a constant number of statements, one lock
-- pass. It refuses with a SQLSTATE of ours and the rows at fault as JSON in DETAIL:
--   TW001 short stock          TW002 unknown item, lot, serial, place, owner, container or document
--   TW003 the code does not allow this way, status or owner   TW004 the stock's state forbids it
--   TW005 expired               TW006 blocked (on hold or recalled)
--   TW007 wrong storage temperature   TW008 time: in the future, back-dated, closed period
--   TW009 reversal not of a whole, plain move                TW012 serial already stands elsewhere
--   TW013 back-dating would make a past balance negative      TW014 genealogy without its moves
--   TW015 a release or rejection without its signature        TW016 the command posted already
-- Runs as the owner: the application role can read the ledger but not write it otherwise.

-- Whether any of these serials stands somewhere. By their index whatever the statistics say: a scan
-- of the table would compare each row with all serials of the post.
CREATE FUNCTION stock_stands(serials bigint[]) RETURNS boolean LANGUAGE sql STABLE
SET enable_seqscan = off
RETURN EXISTS (SELECT FROM stock_balance b WHERE b.serial_here = ANY (serials));

-- The time zone of a place's site.
CREATE FUNCTION stock_zone(p_place bigint) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT st.time_zone FROM places_place p JOIN org_site st ON st.id = p.site_id WHERE p.id = p_place
$$;

-- What a block names, by its narrowest scope, as values of a row of TW006.
CREATE FUNCTION stock_block_level(b stock_block) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN b.serial_id IS NOT NULL THEN '{"level": "serial"}'
    WHEN b.lot_id IS NOT NULL THEN '{"level": "lot"}'
    WHEN b.container_id IS NOT NULL THEN jsonb_build_object('level', 'container', 'container',
      (SELECT c.code FROM stock_container c WHERE c.id = b.container_id))
    WHEN b.item_id IS NOT NULL THEN '{"level": "item"}'
    ELSE jsonb_build_object('level', 'place', 'blocked_place',
      (SELECT p.code FROM places_place p WHERE p.id = b.place_id)) END
$$;

-- What other areas keep from an action besides the blocks, as rows of TW006, or null. Here that is
-- nothing; recalls puts its own answer in place (recalls/sql/gate.sql).
CREATE FUNCTION stock_gate(codes int[], items bigint[], lots bigint[], serials bigint[])
RETURNS jsonb LANGUAGE sql STABLE RETURN NULL::jsonb;

-- The balances that a post makes, in the order of its keys: those without an id. They are made as
-- they will stand where no refusal can be about them, else at zero.
CREATE FUNCTION stock_new_balances(
  k_item bigint[], k_lot bigint[], k_place bigint[], k_status int[], k_owner bigint[],
  k_serial bigint[], k_container bigint[], k_d bigint[], k_r bigint[], k_id bigint[],
  is_plain boolean)
RETURNS TABLE (item bigint, lot bigint, place bigint, status smallint, owner bigint, serial bigint,
               container bigint, physical boolean, on_hand bigint) LANGUAGE sql STABLE AS $$
  SELECT k.i, nullif(k.l, 0), k.p, k.s::smallint, k.o, nullif(k.se, 0), nullif(k.c, 0), pl.physical,
         CASE WHEN k.r IS NULL AND (NOT pl.physical OR (is_plain AND k.d > 0)) THEN k.d ELSE 0 END
  FROM unnest(k_item, k_lot, k_place, k_status, k_owner, k_serial, k_container, k_d, k_r, k_id)
    WITH ORDINALITY AS k(i, l, p, s, o, se, c, d, r, id, n)
  JOIN places_place pl ON pl.id = k.p
  WHERE k.id IS NULL
  ORDER BY k.n
$$;

CREATE FUNCTION stock_post(
  p_command bigint, p_actor bigint, p_happened timestamptz, p_backdate_reason text,
  p_device text, p_offset_ms int,
  code int[], document bigint[], line bigint[], item bigint[], lot bigint[], serial bigint[],
  qty bigint[], fp bigint[], fs int[], fo bigint[], fc bigint[],
  tp bigint[], ts int[], too bigint[], tc bigint[], rev bigint[], di text[], reason text[],
  r_line bigint[], r_item bigint[], r_lot bigint[], r_place bigint[], r_status int[],
  r_owner bigint[], r_serial bigint[], r_container bigint[], r_delta bigint[],
  r_expires timestamptz[],
  g_in_lot bigint[], g_in_serial bigint[], g_out_lot bigint[], g_out_serial bigint[],
  g_qty bigint[])
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
-- Planned once a session: planning a dozen statements anew costs many times their running.
SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_variable
DECLARE
  v_now timestamptz := tw_now();
  -- A clock that is a little fast says now: what stands now stands as of now, too.
  v_happened timestamptz := least(p_happened, v_now);
  v_rows jsonb;
  v_n bigint;
  v_forbidden text[];
  is_faulty boolean; is_signed boolean;
  has_serials boolean := array_remove(serial, NULL) <> '{}';
  gives_back boolean := EXISTS (SELECT FROM unnest(r_delta) d WHERE d < 0);
  k_item bigint[]; k_lot bigint[]; k_place bigint[]; k_status int[]; k_owner bigint[];
  k_serial bigint[]; k_container bigint[]; k_d bigint[]; k_r bigint[]; k_id bigint[];
  b_ids bigint[]; b_d bigint[]; b_r bigint[];
  v_missing bigint; v_made bigint[];
  is_plain boolean; is_made boolean;
BEGIN
  -- A block being placed waits for us, or we wait for it and then see it.
  PERFORM pg_advisory_xact_lock_shared(7202);

  -- Time: not in the future, back-dated only with a reason, never into a closed period.
  IF p_happened > v_now + interval '2 minutes' THEN
    PERFORM stock_refuse('TW008', jsonb_build_array(jsonb_build_object('why', 'future',
      'happened_at', p_happened, 'now', v_now, 'zone', stock_zone(fp[1]))));
  END IF;
  IF v_happened < v_now - interval '15 minutes' AND coalesce(p_backdate_reason, '') = '' THEN
    PERFORM stock_refuse('TW008', jsonb_build_array(jsonb_build_object('why', 'backdated',
      'happened_at', v_happened, 'now', v_now, 'zone', stock_zone(fp[1]))));
  END IF;
  IF EXISTS (
    SELECT FROM stock_closed_period c
    WHERE c.closed_until > v_happened AND c.legal_entity_id IN (
      SELECT p.legal_entity_id FROM places_place p WHERE p.id = ANY (fp) OR p.id = ANY (tp))
  ) THEN
    PERFORM stock_refuse('TW008', jsonb_build_array(jsonb_build_object('why', 'closed',
      'happened_at', v_happened, 'now', v_now, 'zone', stock_zone(fp[1]))));
  END IF;

  -- Every leg against what it names and what its code allows.
  SELECT bool_or(x.fault IS NOT NULL), bool_or(x.needs_signature) INTO is_faulty, is_signed
  FROM stock_leg_faults(code, item, lot, serial, qty, fp, fs, fo, tp, ts, too, v_happened) x;
  IF is_faulty THEN
    v_rows := stock_leg_fault_rows(code, item, lot, serial, qty, fp, fs, fo, tp, ts, too,
                                   v_happened);
    PERFORM stock_refuse(v_rows -> 0 ->> 'state', v_rows);
  END IF;
  IF EXISTS (SELECT FROM unnest(fo || too) d
             WHERE NOT EXISTS (SELECT FROM org_party x WHERE x.id = d)) THEN
    SELECT jsonb_agg(jsonb_build_object('why', 'unknown owner', 'n', o.n, 'owner', o.d))
      INTO v_rows
    FROM (SELECT d, min(n) AS n FROM (
            SELECT d, n FROM unnest(fo) WITH ORDINALITY f(d, n)
            UNION ALL SELECT d, n FROM unnest(too) WITH ORDINALITY t(d, n)) u
          WHERE NOT EXISTS (SELECT FROM org_party x WHERE x.id = u.d)
          GROUP BY d ORDER BY 2) o;
    PERFORM stock_refuse('TW002', v_rows);
  END IF;
  IF array_remove(document || line || fc || tc, NULL) <> '{}' AND (
       EXISTS (SELECT FROM unnest(document) d WHERE d IS NOT NULL
               AND NOT EXISTS (SELECT FROM documents_document x WHERE x.id = d))
       OR EXISTS (SELECT FROM unnest(line) d WHERE d IS NOT NULL
                  AND NOT EXISTS (SELECT FROM documents_line x WHERE x.id = d))
       OR EXISTS (SELECT FROM unnest(fc || tc) d WHERE d IS NOT NULL
                  AND NOT EXISTS (SELECT FROM stock_container x WHERE x.id = d))) THEN
    PERFORM stock_refuse('TW002', '[{"why": "unknown document, line or container"}]');
  END IF;
  -- signed in this very command by who posts; and a command posts once (asked for in order, so
  -- that no plan reads the whole ledger for the one that is not there)
  IF is_signed AND NOT EXISTS (SELECT FROM audit_signature s
       WHERE s.command_id = p_command AND s.person_id = p_actor) THEN
    PERFORM stock_refuse('TW015', '[{"why": "unsigned"}]');
  END IF;
  IF p_command = (SELECT m.command_id FROM stock_move m WHERE m.command_id >= p_command
                  ORDER BY m.command_id LIMIT 1)
     OR EXISTS (SELECT FROM audit_entry e WHERE e.id = p_command) THEN
    PERFORM stock_refuse('TW016', '[{"why": "posted"}]');
  END IF;

  -- 1 net change of each balance, in key order, and the row where there is one; where nothing is
  -- promised r is null
  SELECT array_agg(i), array_agg(l), array_agg(p), array_agg(s), array_agg(o), array_agg(se),
         array_agg(c), array_agg(d), array_agg(r), array_agg(id), count(*) - count(id)
    INTO k_item, k_lot, k_place, k_status, k_owner, k_serial, k_container, k_d, k_r, k_id, v_missing
  FROM (
    SELECT k.*, b.id FROM (
      SELECT i, l, p, s, o, se, c, coalesce(sum(d), 0)::bigint AS d, sum(r)::bigint AS r FROM (
        SELECT i, coalesce(l, 0) AS l, p, s, o, coalesce(se, 0) AS se, coalesce(c, 0) AS c,
               -q AS d, NULL::bigint AS r
        FROM unnest(item, lot, serial, qty, fp, fs, fo, fc) x(i, l, se, q, p, s, o, c)
        UNION ALL
        SELECT i, coalesce(l, 0), p, s, o, coalesce(se, 0), coalesce(c, 0), q, NULL
        FROM unnest(item, lot, serial, qty, tp, ts, too, tc) x(i, l, se, q, p, s, o, c)
        UNION ALL
        SELECT i, coalesce(l, 0), p, s, o, coalesce(se, 0), coalesce(c, 0), NULL, d
        FROM unnest(r_item, r_lot, r_place, r_status, r_owner, r_serial, r_container, r_delta)
          x(i, l, p, s, o, se, c, d)) z
      GROUP BY i, l, p, s, o, se, c HAVING sum(d) <> 0 OR sum(r) <> 0) k
    LEFT JOIN stock_balance b ON b.item_id = k.i AND coalesce(b.lot_id, 0) = k.l
      AND b.place_id + 0 = k.p AND b.status = k.s AND b.owner_id = k.o
      AND coalesce(b.serial_id, 0) = k.se AND coalesce(b.container_id, 0) = k.c
    ORDER BY k.i, k.l, k.p, k.s, k.o, k.se, k.c) q;

  -- 2 reservations are locked before balances; missing balances are made in key order: as they will
  -- stand where no refusal can be about them, else at zero
  IF cardinality(r_line) > 0 THEN
    PERFORM FROM stock_reservation v WHERE v.line_id = ANY (r_line)
      ORDER BY v.id FOR NO KEY UPDATE;
  END IF;
  IF v_missing > 0 THEN
    is_plain := NOT has_serials OR NOT (stock_stands(k_serial) OR EXISTS (
      SELECT FROM unnest(k_serial, k_d) x(se, d) WHERE x.se > 0 AND x.d > 0
      GROUP BY x.se HAVING sum(x.d) > 1));
    -- Many at once without asking for each whether another command makes it just now, which takes
    -- half as long again; where one does, all of them once more.
    is_made := false;
    IF v_missing > 100 THEN
      BEGIN
        WITH made AS (
          INSERT INTO stock_balance (item_id, lot_id, place_id, status, owner_id, serial_id,
                                     container_id, physical, on_hand)
          SELECT * FROM stock_new_balances(k_item, k_lot, k_place, k_status, k_owner, k_serial,
                                           k_container, k_d, k_r, k_id, is_plain)
          RETURNING id, on_hand)
        SELECT array_agg(m.id) INTO v_made FROM made m WHERE m.on_hand <> 0;
        is_made := true;
      EXCEPTION WHEN unique_violation THEN NULL;
      END;
    END IF;
    IF NOT is_made THEN
      WITH made AS (
        INSERT INTO stock_balance (item_id, lot_id, place_id, status, owner_id, serial_id,
                                   container_id, physical, on_hand)
        SELECT * FROM stock_new_balances(k_item, k_lot, k_place, k_status, k_owner, k_serial,
                                         k_container, k_d, k_r, k_id, is_plain)
        ON CONFLICT (item_id, (coalesce(lot_id, 0)), (place_id + 0), status, owner_id,
                     (coalesce(serial_id, 0)), (coalesce(container_id, 0))) DO NOTHING
        RETURNING id, on_hand)
      SELECT array_agg(m.id) INTO v_made FROM made m WHERE m.on_hand <> 0;
    END IF;
    -- those at zero, and those that another command has made meanwhile, are still to be judged
    IF cardinality(v_made) IS DISTINCT FROM v_missing THEN
      SELECT array_agg(q.id ORDER BY q.n) INTO k_id FROM (
        SELECT k.id, k.n FROM unnest(k_id) WITH ORDINALITY AS k(id, n) WHERE k.id IS NOT NULL
        UNION ALL
        SELECT CASE WHEN m.id IS NULL THEN b.id END, k.n
        FROM unnest(k_item, k_lot, k_place, k_status, k_owner, k_serial, k_container, k_id)
          WITH ORDINALITY AS k(i, l, p, s, o, se, c, id, n)
        JOIN stock_balance b ON b.item_id = k.i AND coalesce(b.lot_id, 0) = k.l
          AND b.place_id + 0 = k.p AND b.status = k.s AND b.owner_id = k.o
          AND coalesce(b.serial_id, 0) = k.se AND coalesce(b.container_id, 0) = k.c
        LEFT JOIN unnest(v_made) m(id) ON m.id = b.id
        WHERE k.id IS NULL) q;
      IF cardinality(k_id) IS DISTINCT FROM cardinality(k_item) THEN
        PERFORM stock_refuse('TW002', '[{"why": "unknown place"}]');
      END IF;
    END IF;
  END IF;

  -- 3 balances are locked in key order; every short row is named
  SELECT array_agg(q.id), array_agg(q.d), array_agg(q.r),
         bool_or((q.physical AND q.on_hand + q.d < q.reserved + q.r)
                 OR (NOT q.physical AND q.r > 0))
    INTO b_ids, b_d, b_r, is_faulty
  FROM (SELECT b.id, b.on_hand, b.reserved, b.physical, k.d, coalesce(k.r, 0) AS r
        FROM unnest(k_id, k_d, k_r) WITH ORDINALITY AS k(id, d, r, n)
        JOIN stock_balance b ON b.id = k.id
        ORDER BY k.n FOR NO KEY UPDATE OF b) q;
  IF is_faulty THEN
    SELECT jsonb_agg(jsonb_build_object('item', i.code, 'lot', lt.raw_number,
             'serial', se.raw_number, 'place', pl.code, 'on_hand', b.on_hand,
             'reserved', b.reserved, 'asked', -u.d, 'promise', u.r, 'status', b.status,
             'waiting', CASE WHEN b.physical AND b.status <> 1 THEN w.on_hand ELSE 0 END,
             'n', (SELECT min(x.n) FROM unnest(item, lot, serial, fp, fs, fo, fc) WITH ORDINALITY
                     AS x(i, l, se, p, s, o, c, n)
                   WHERE x.i = b.item_id AND coalesce(x.l, 0) = coalesce(b.lot_id, 0)
                     AND coalesce(x.se, 0) = coalesce(b.serial_id, 0) AND x.p = b.place_id
                     AND x.s = b.status AND x.o = b.owner_id
                     AND coalesce(x.c, 0) = coalesce(b.container_id, 0))))
      INTO v_rows
    FROM unnest(b_ids, b_d, b_r) u(id, d, r)
    JOIN stock_balance b ON b.id = u.id
    LEFT JOIN catalog_item i ON i.id = b.item_id
    LEFT JOIN stock_lot lt ON lt.id = b.lot_id
    LEFT JOIN stock_serial se ON se.id = b.serial_id
    LEFT JOIN places_place pl ON pl.id = b.place_id
    LEFT JOIN stock_balance w ON w.item_id = b.item_id
      AND coalesce(w.lot_id, 0) = coalesce(b.lot_id, 0) AND w.place_id + 0 = b.place_id
      AND w.status = 1 AND w.owner_id = b.owner_id
      AND coalesce(w.serial_id, 0) = coalesce(b.serial_id, 0)
      AND coalesce(w.container_id, 0) = coalesce(b.container_id, 0)
    WHERE (b.physical AND b.on_hand + u.d < b.reserved + u.r)
      OR (NOT b.physical AND u.r > 0);
    PERFORM stock_refuse('TW001', v_rows);
  END IF;
  -- a line gives back no more than was promised to it
  IF gives_back THEN
    SELECT jsonb_agg(jsonb_build_object('item', i.code, 'lot', lt.raw_number, 'place', pl.code,
             'line', u.line, 'on_hand', u.on_hand, 'reserved', u.promised, 'asked', -u.d))
      INTO v_rows
    FROM (
      SELECT x.line, x.i, x.l, x.p, b.on_hand, coalesce(v.quantity, 0) AS promised, sum(x.d) AS d
      FROM unnest(r_line, r_item, r_lot, r_place, r_status, r_owner, r_serial, r_container,
                  r_delta) x(line, i, l, p, s, o, se, c, d)
      LEFT JOIN stock_balance b ON b.item_id = x.i AND coalesce(b.lot_id, 0) = coalesce(x.l, 0)
        AND b.place_id + 0 = x.p AND b.status = x.s AND b.owner_id = x.o
        AND coalesce(b.serial_id, 0) = coalesce(x.se, 0)
        AND coalesce(b.container_id, 0) = coalesce(x.c, 0)
      LEFT JOIN stock_reservation v ON v.line_id = x.line AND v.balance_id = b.id
      GROUP BY x.line, x.i, x.l, x.p, x.s, x.o, x.se, x.c, b.on_hand, v.quantity
    ) u
    LEFT JOIN catalog_item i ON i.id = u.i
    LEFT JOIN stock_lot lt ON lt.id = u.l
    LEFT JOIN places_place pl ON pl.id = u.p
    WHERE u.promised + u.d < 0;
    IF v_rows IS NOT NULL THEN
      PERFORM stock_refuse('TW001', v_rows);
    END IF;
  END IF;

  -- 4 after the locks: blocks on what moves and on what is promised
  v_rows := NULL;
  IF EXISTS (SELECT FROM stock_blocks_near(lot, serial, item, v_now)) THEN
    SELECT jsonb_agg(jsonb_build_object('n', x.n, 'kind', x.kind, 'block', x.block_id,
             'why', CASE WHEN s.state IS NULL THEN 'leaves' ELSE 'state' END,
             'item', i.code, 'lot', lt.raw_number, 'serial', se.raw_number, 'place', pl.code,
             'reason', sb.reason) || stock_block_level(sb))
      INTO v_rows
    FROM stock_blocks_on(lot, serial, fc, fp, item, tc, tp, v_now) x
    JOIN stock_block sb ON sb.id = x.block_id
    JOIN stock_move_code c ON c.code = code[x.n]
    JOIN stock_policy() y ON y.action = c.action
    CROSS JOIN LATERAL (SELECT stock_forbidding_state(y.forbidden, NULL, false,
      x.kind = 'hold', x.kind = 'recall') AS state) s
    LEFT JOIN catalog_item i ON i.id = item[x.n]
    LEFT JOIN stock_lot lt ON lt.id = lot[x.n]
    LEFT JOIN stock_serial se ON se.id = serial[x.n]
    LEFT JOIN places_place pl ON pl.id = fp[x.n]
    WHERE s.state IS NOT NULL OR (c.keeps_blocks AND x.leaves);
  END IF;
  IF v_rows IS NULL AND cardinality(r_line) > 0 THEN
    SELECT forbidden INTO v_forbidden FROM stock_policy() WHERE action = 'allocate';
    SELECT jsonb_agg(jsonb_build_object('kind', x.kind, 'block', x.block_id,
             'why', 'state', 'item', i.code, 'lot', lt.raw_number, 'serial', se.raw_number,
             'place', pl.code, 'reason', sb.reason) || stock_block_level(sb))
      INTO v_rows
    FROM stock_blocks_on(r_lot, r_serial, r_container, r_place, r_item, r_container, r_place,
                         v_now) x
    JOIN stock_block sb ON sb.id = x.block_id
    LEFT JOIN catalog_item i ON i.id = r_item[x.n]
    LEFT JOIN stock_lot lt ON lt.id = r_lot[x.n]
    LEFT JOIN stock_serial se ON se.id = r_serial[x.n]
    LEFT JOIN places_place pl ON pl.id = r_place[x.n]
    WHERE r_delta[x.n] > 0 AND stock_forbidding_state(v_forbidden, NULL, false, x.kind = 'hold',
                                                      x.kind = 'recall') IS NOT NULL;
  END IF;
  v_rows := coalesce(v_rows, stock_gate(code, item, lot, serial));
  IF v_rows IS NOT NULL THEN
    PERFORM stock_refuse('TW006', v_rows);
  END IF;
  IF cardinality(r_line) > 0 THEN
    SELECT jsonb_agg(jsonb_build_object('state', s.state, 'item', i.code, 'lot', lt.raw_number,
             'serial', se.raw_number, 'expires_on', lt.expires_on, 'code', 'allocate',
             'place', pl.code, 'status', x.s) ORDER BY s.state <> 'expired')
      INTO v_rows
    FROM unnest(r_item, r_lot, r_serial, r_place, r_status, r_delta) x(i, l, se, p, s, d)
    JOIN places_place pl ON pl.id = x.p
    JOIN org_site st ON st.id = pl.site_id
    LEFT JOIN catalog_item i ON i.id = x.i
    LEFT JOIN stock_lot lt ON lt.id = x.l
    LEFT JOIN stock_serial se ON se.id = x.se
    CROSS JOIN LATERAL (SELECT stock_forbidding_state(v_forbidden, x.s, stock_is_expired(
      lt.expires_on, stock_day(v_happened, st.time_zone)), false, false) AS state) s
    WHERE x.d > 0 AND s.state IS NOT NULL;
    IF v_rows IS NOT NULL THEN
      PERFORM stock_refuse(CASE v_rows -> 0 ->> 'state' WHEN 'expired' THEN 'TW005'
                           ELSE 'TW004' END, v_rows);
    END IF;
  END IF;

  -- 5 a serial stands in one physical place
  IF has_serials AND b_ids IS NOT NULL THEN
    SELECT jsonb_agg(jsonb_build_object('serial', se.raw_number, 'place', pl.code))
      INTO v_rows
    FROM (
      SELECT m.se, (array_agg(m.place ORDER BY m.here DESC, m.n DESC))[1] AS place
      FROM (
        SELECT b.serial_id AS se, b.place_id AS place, b.on_hand AS n, true AS here
        FROM (SELECT DISTINCT x.se FROM unnest(k_serial, k_d, k_id) x(se, d, id)
              WHERE x.se > 0 AND x.d > 0 AND x.id IS NOT NULL) k
        JOIN stock_balance b ON b.serial_id = k.se AND b.physical
        UNION ALL
        SELECT x.se, x.p, x.d, false FROM unnest(k_serial, k_place, k_d, k_id) x(se, p, d, id)
        JOIN places_place t ON t.id = x.p AND t.physical
        WHERE x.se > 0 AND x.id IS NOT NULL) m
      GROUP BY m.se HAVING sum(m.n) > 1) w
    JOIN stock_serial se ON se.id = w.se
    JOIN places_place pl ON pl.id = w.place;
    IF v_rows IS NOT NULL THEN
      PERFORM stock_refuse('TW012', v_rows);
    END IF;
  END IF;

  -- 6 reversals mirror a move that was not reversed yet; a signed decision is not taken back, and
  -- what was consumed and produced together is taken back together
  IF array_remove(rev, NULL) <> '{}' OR 18 = ANY (code) THEN
    SELECT jsonb_agg(jsonb_build_object('n', x.n, 'reverses', x.rev, 'why', x.why) ORDER BY x.n)
      INTO v_rows
    FROM (
      SELECT l.n, l.rev,
        CASE
          WHEN (l.code = 18) <> (l.rev IS NOT NULL) OR (l.rev IS NOT NULL AND (
            m.reverses_id IS NOT NULL
            OR (m.item_id, coalesce(m.lot_id, 0), coalesce(m.serial_id, 0), m.quantity,
                m.from_place_id, m.from_status, m.from_owner_id, coalesce(m.from_container_id, 0),
                m.to_place_id, m.to_status, m.to_owner_id, coalesce(m.to_container_id, 0))
            IS DISTINCT FROM
               (l.item, coalesce(l.lot, 0), coalesce(l.serial, 0), l.qty,
                l.tp, l.ts, l.too, coalesce(l.tc, 0), l.fp, l.fs, l.fo, coalesce(l.fc, 0))
            OR EXISTS (SELECT FROM stock_move y WHERE y.reverses_id = l.rev))) THEN 'mirror'
          WHEN m.code IN (11, 12) THEN 'decision'
          WHEN m.code IN (9, 10) AND count(*) FILTER (WHERE m.code IN (9, 10))
                 OVER (PARTITION BY m.command_id)
               <> (SELECT count(*) FROM stock_move y
                   WHERE y.command_id = m.command_id AND y.code IN (9, 10)) THEN 'transformation'
        END AS why
      FROM unnest(rev, item, lot, serial, qty, fp, fs, fo, fc, tp, ts, too, tc, code)
        WITH ORDINALITY AS l(rev, item, lot, serial, qty, fp, fs, fo, fc, tp, ts, too, tc, code, n)
      LEFT JOIN stock_move m ON m.id = l.rev) x
    WHERE x.why IS NOT NULL;
    IF v_rows IS NOT NULL THEN
      PERFORM stock_refuse('TW009', v_rows);
    END IF;
  END IF;

  -- 7 entered later: no moment of the past between then and now may newly become negative
  IF p_happened < v_now THEN
    WITH k AS (
      SELECT b.*, -u.d AS asked FROM unnest(b_ids, b_d) u(id, d)
      JOIN stock_balance b ON b.id = u.id AND b.physical AND u.d < 0
    ), later AS (
      SELECT m.* FROM (SELECT DISTINCT item_id, place_id FROM k) s
      CROSS JOIN LATERAL (
        SELECT x.happened_at AS at, x.item_id, x.lot_id, x.serial_id, x.to_place_id AS place_id,
               x.to_status AS status, x.to_owner_id AS owner_id,
               x.to_container_id AS container_id, x.quantity AS change
        FROM stock_move x WHERE x.to_place_id = s.place_id AND x.item_id = s.item_id
          AND x.happened_at > v_happened
        UNION ALL
        SELECT x.happened_at, x.item_id, x.lot_id, x.serial_id, x.from_place_id, x.from_status,
               x.from_owner_id, x.from_container_id, -x.quantity
        FROM stock_move x WHERE x.from_place_id = s.place_id AND x.item_id = s.item_id
          AND x.happened_at > v_happened) m
    )
    SELECT jsonb_agg(DISTINCT jsonb_build_object('item', i.code, 'lot', lt.raw_number,
             'serial', se.raw_number, 'place', pl.code, 'at', w.at, 'was', w.was,
             'zone', stock_zone(w.place_id),
             'asked', w.asked))
      INTO v_rows
    FROM (
      SELECT k.item_id, k.lot_id, k.serial_id, k.place_id, k.asked, m.at,
             k.on_hand - sum(m.change) OVER (PARTITION BY k.id ORDER BY m.at DESC) AS was
      FROM k JOIN later m ON m.item_id = k.item_id AND m.place_id = k.place_id
        AND coalesce(m.lot_id, 0) = coalesce(k.lot_id, 0)
        AND coalesce(m.serial_id, 0) = coalesce(k.serial_id, 0)
        AND coalesce(m.container_id, 0) = coalesce(k.container_id, 0)
        AND m.status = k.status AND m.owner_id = k.owner_id
    ) w
    JOIN catalog_item i ON i.id = w.item_id
    JOIN places_place pl ON pl.id = w.place_id
    LEFT JOIN stock_lot lt ON lt.id = w.lot_id
    LEFT JOIN stock_serial se ON se.id = w.serial_id
    WHERE w.was >= 0 AND w.was < w.asked;
    IF v_rows IS NOT NULL THEN
      PERFORM stock_refuse('TW013', v_rows);
    END IF;
  END IF;

  -- 8 genealogy: proved by this very post, and complete where it consumes and produces
  IF cardinality(g_qty) > 0 OR 9 = ANY (code) THEN
    v_rows := stock_genealogy_faults(code, lot, serial, qty, g_in_lot, g_in_serial, g_out_lot,
                                     g_out_serial, g_qty);
    IF v_rows IS NOT NULL THEN
      PERFORM stock_refuse('TW014', v_rows);
    END IF;
  END IF;

  -- 9 write: with serials what decreases first, so that none is ever in two places
  UPDATE stock_balance b SET on_hand = b.on_hand + u.d, reserved = b.reserved + u.r
  FROM unnest(b_ids, b_d, b_r) u(id, d, r) WHERE b.id = u.id AND (u.d < 0 OR NOT has_serials);
  IF has_serials THEN
    UPDATE stock_balance b SET on_hand = b.on_hand + u.d, reserved = b.reserved + u.r
    FROM unnest(b_ids, b_d, b_r) u(id, d, r) WHERE b.id = u.id AND u.d >= 0;
  END IF;
  IF cardinality(r_line) > 0 THEN
    INSERT INTO stock_reservation AS v (line_id, balance_id, quantity, expires_at, command_id)
    SELECT x.line, b.id, greatest(sum(x.d), 0), max(x.e), p_command
    FROM unnest(r_line, r_item, r_lot, r_place, r_status, r_owner, r_serial, r_container,
                r_delta, r_expires) x(line, i, l, p, s, o, se, c, d, e)
    JOIN stock_balance b ON b.item_id = x.i AND coalesce(b.lot_id, 0) = coalesce(x.l, 0)
      AND b.place_id + 0 = x.p AND b.status = x.s AND b.owner_id = x.o
      AND coalesce(b.serial_id, 0) = coalesce(x.se, 0)
      AND coalesce(b.container_id, 0) = coalesce(x.c, 0)
    GROUP BY x.line, b.id
    ON CONFLICT (line_id, balance_id) DO UPDATE
    SET quantity = v.quantity + excluded.quantity, expires_at = excluded.expires_at,
        command_id = excluded.command_id
    WHERE excluded.quantity > 0;
  END IF;
  IF gives_back THEN
    UPDATE stock_reservation v SET quantity = v.quantity + u.d, command_id = p_command
    FROM (
      SELECT x.line, b.id, sum(x.d) AS d
      FROM unnest(r_line, r_item, r_lot, r_place, r_status, r_owner, r_serial, r_container,
                  r_delta) x(line, i, l, p, s, o, se, c, d)
      JOIN stock_balance b ON b.item_id = x.i AND coalesce(b.lot_id, 0) = coalesce(x.l, 0)
        AND b.place_id + 0 = x.p AND b.status = x.s AND b.owner_id = x.o
        AND coalesce(b.serial_id, 0) = coalesce(x.se, 0)
        AND coalesce(b.container_id, 0) = coalesce(x.c, 0)
      GROUP BY x.line, b.id) u
    WHERE v.line_id = u.line AND v.balance_id = u.id AND u.d < 0;
  END IF;
  INSERT INTO stock_move (command_id, posted_at, happened_at, code, document_id, line_id, item_id,
    lot_id, serial_id, quantity, from_place_id, from_status, from_owner_id, from_container_id,
    to_place_id, to_status, to_owner_id, to_container_id, actor_id, reverses_id, di, reason,
    device, clock_offset_ms, hash_version, content_hash)
  SELECT p_command, v_now, v_happened, l.code, l.document, l.line, l.item, l.lot, l.serial, l.qty,
    l.fp, l.fs, l.fo, l.fc, l.tp, l.ts, l.too, l.tc, p_actor, l.rev, l.di,
    coalesce(l.reason, p_backdate_reason), p_device, p_offset_ms, 1, ''
  FROM unnest(code, document, line, item, lot, serial, qty, fp, fs, fo, fc, tp, ts, too, tc, rev,
              di, reason)
    AS l(code, document, line, item, lot, serial, qty, fp, fs, fo, fc, tp, ts, too, tc, rev, di,
         reason);
  GET DIAGNOSTICS v_n = ROW_COUNT;
  IF cardinality(g_qty) > 0 THEN
    INSERT INTO stock_genealogy (command_id, input_lot_id, input_serial_id, output_lot_id,
                                 output_serial_id, quantity)
    SELECT p_command, g.* FROM unnest(g_in_lot, g_in_serial, g_out_lot, g_out_serial, g_qty) g;
  END IF;
  IF 18 = ANY (code) THEN
    INSERT INTO stock_genealogy_void (command_id, by_command_id)
    SELECT DISTINCT m.command_id, p_command FROM stock_move m
    WHERE m.id = ANY (rev) AND m.code IN (9, 10)
      AND EXISTS (SELECT FROM stock_genealogy g WHERE g.command_id = m.command_id);
  END IF;
  RETURN v_n;
END$$;
