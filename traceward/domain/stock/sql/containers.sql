-- Containers stand in one another (EPCIS aggregation). The parent is written by stock_nest only,
-- under the lock that posts share, so that every post and every block sees one state.

CREATE FUNCTION stock_keep_nesting() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v_above int; v_below int;
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.parent_id IS NOT DISTINCT FROM OLD.parent_id THEN
    RETURN NEW;
  END IF;
  PERFORM pg_advisory_xact_lock(7202);
  WITH RECURSIVE up AS (
    SELECT c.id, c.parent_id, 1 AS level FROM stock_container c WHERE c.id = NEW.parent_id
    UNION ALL
    SELECT c.id, c.parent_id, u.level + 1 FROM stock_container c JOIN up u ON c.id = u.parent_id
    WHERE u.level <= 5
  )
  SELECT max(level) INTO v_above FROM up HAVING NOT bool_or(up.id = NEW.id);
  IF v_above IS NULL AND NEW.parent_id IS NOT NULL THEN
    PERFORM stock_refuse('TW017', jsonb_build_array(jsonb_build_object('why', 'cycle',
      'container', NEW.code)));
  END IF;
  WITH RECURSIVE down AS (
    SELECT NEW.id AS id, 1 AS level
    UNION ALL
    SELECT c.id, d.level + 1 FROM stock_container c JOIN down d ON c.parent_id = d.id
    WHERE d.level <= 5
  )
  SELECT max(level) INTO v_below FROM down;
  IF coalesce(v_above, 0) + v_below > 5 THEN
    PERFORM stock_refuse('TW017', jsonb_build_array(jsonb_build_object('why', 'depth',
      'container', NEW.code)));
  END IF;
  RETURN NEW;
END$$;
CREATE TRIGGER keep_nesting BEFORE UPDATE OF parent_id ON stock_container
  FOR EACH ROW EXECUTE FUNCTION stock_keep_nesting();
CREATE TRIGGER keep_new_nesting BEFORE INSERT ON stock_container
  FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION stock_keep_nesting();
ALTER TABLE stock_container ENABLE ALWAYS TRIGGER keep_nesting;
ALTER TABLE stock_container ENABLE ALWAYS TRIGGER keep_new_nesting;

-- The container stands in the parent from now on, or in none. Refused where one of them is closed
-- or covered by a block that forbids packing, or where they stand in different places.
CREATE FUNCTION stock_nest(p_container bigint, p_parent bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_boxes bigint[];   -- the container with all that is in it
  v_outer bigint[];   -- the parents, the old one's and the new one's
  v_rows jsonb;
BEGIN
  PERFORM pg_advisory_xact_lock(7202);
  WITH RECURSIVE down AS (
    SELECT p_container AS id
    UNION SELECT c.id FROM stock_container c JOIN down d ON c.parent_id = d.id
  ) SELECT array_agg(id) INTO v_boxes FROM down;
  WITH RECURSIVE up AS (
    SELECT c.id, c.parent_id FROM stock_container c
    WHERE c.id = p_parent OR c.id = (SELECT parent_id FROM stock_container WHERE id = p_container)
    UNION SELECT c.id, c.parent_id FROM stock_container c JOIN up u ON c.id = u.parent_id
  ) SELECT coalesce(array_agg(id), '{}') INTO v_outer FROM up;

  SELECT jsonb_agg(jsonb_build_object('why', 'closed', 'container', c.code)) INTO v_rows
  FROM stock_container c WHERE c.id = ANY (v_outer) AND c.is_closed;
  IF v_rows IS NOT NULL THEN
    PERFORM stock_refuse('TW017', v_rows);
  END IF;

  -- a block on the goods, or on a container as such, empty or not
  SELECT jsonb_agg(jsonb_build_object('why', 'blocked', 'container', w.code, 'reason', w.reason)
                   ORDER BY w.id)
    INTO v_rows
  FROM (
    SELECT k.id, c.code, k.reason, k.kind FROM stock_block k
    JOIN stock_container c ON c.id = k.container_id
    WHERE c.id = ANY (v_boxes || v_outer) AND k.lifted_at IS NULL
      AND (k.until IS NULL OR k.until > tw_now())
    UNION
    SELECT k.id, c.code, k.reason, k.kind
    FROM (SELECT array_agg(b.lot_id) AS lots, array_agg(b.serial_id) AS serials,
                 array_agg(b.container_id) AS boxes, array_agg(b.place_id) AS places,
                 array_agg(b.item_id) AS items
          FROM stock_balance b WHERE b.container_id = ANY (v_boxes) AND b.on_hand > 0) g
    CROSS JOIN LATERAL stock_blocks_on(g.lots, g.serials, g.boxes, g.places, g.items, g.boxes,
                                       g.places, tw_now()) x
    JOIN stock_block k ON k.id = x.block_id
    JOIN stock_container c ON c.id = p_container) w
  JOIN stock_policy() y ON y.action = 'pack' AND stock_forbidding_state(y.forbidden, NULL, false,
    w.kind = 'hold', w.kind = 'recall') IS NOT NULL;
  IF v_rows IS NOT NULL THEN
    PERFORM stock_refuse('TW017', v_rows);
  END IF;

  -- what stands in the container, and in the outermost one that it comes to stand in
  WITH RECURSIVE tree AS (
    SELECT unnest(v_boxes) AS id
    UNION SELECT c.id FROM stock_container c WHERE p_parent IS NOT NULL AND c.id = ANY (v_outer)
    UNION SELECT c.id FROM stock_container c JOIN tree t ON c.parent_id = t.id
  )
  SELECT jsonb_build_array(jsonb_build_object('why', 'apart', 'container',
           (SELECT code FROM stock_container WHERE id = p_container),
           'places', string_agg(DISTINCT pl.code, ', ')))
    INTO v_rows
  FROM tree t JOIN stock_balance b ON b.container_id = t.id AND b.on_hand > 0 AND b.physical
  JOIN places_place pl ON pl.id = b.place_id
  HAVING count(DISTINCT b.place_id) > 1;
  IF v_rows IS NOT NULL THEN
    PERFORM stock_refuse('TW017', v_rows);
  END IF;
  UPDATE stock_container SET parent_id = p_parent WHERE id = p_container;
END$$;

-- Whether the box may be shown to who sees these sites: something in it, or in a box within it,
-- stands or stood there; or nothing ever stood in it.
CREATE FUNCTION stock_box_is_at(p_container bigint, p_sites bigint[]) RETURNS boolean
LANGUAGE sql STABLE AS $$
  WITH RECURSIVE down AS (
    SELECT p_container AS id
    UNION SELECT c.id FROM stock_container c JOIN down d ON c.parent_id = d.id
  )
  SELECT coalesce(bool_or(p.site_id = ANY (p_sites)), true)
  FROM down d
  JOIN stock_balance b ON b.container_id = d.id
  JOIN places_place p ON p.id = b.place_id
$$;
