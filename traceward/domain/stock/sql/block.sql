-- Places what blocks promise: no post is in flight while they stand up, reservations on what they
-- cover are given back, and the demand lines hit are named. Runs as the owner.
-- Balances are found from the blocks' side, each by its narrowest scope, however many there are.
CREATE FUNCTION stock_block_reservations(p_blocks bigint[], p_command bigint)
RETURNS TABLE (line_id bigint, balance_id bigint, quantity bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET plan_cache_mode = force_custom_plan SET jit = off AS $$
#variable_conflict use_column
DECLARE
  v_lines bigint[]; v_balances bigint[]; v_quantities bigint[];
BEGIN
  PERFORM pg_advisory_xact_lock(7202);
  WITH k AS MATERIALIZED (
    SELECT lot_id, serial_id, container_id, place_id, item_id FROM stock_block
    WHERE id = ANY (p_blocks) AND lifted_at IS NULL
  ), boxes AS MATERIALIZED (
    WITH RECURSIVE inner_box(outer_id, id) AS (
      SELECT DISTINCT container_id, container_id FROM k WHERE container_id IS NOT NULL
      UNION SELECT i.outer_id, c.id FROM stock_container c JOIN inner_box i ON c.parent_id = i.id)
    SELECT outer_id, id FROM inner_box
  ), near AS (
    SELECT b.id, k.* FROM k JOIN stock_balance b ON b.lot_id = k.lot_id AND b.reserved > 0
    UNION ALL
    SELECT b.id, k.* FROM k JOIN stock_balance b ON b.serial_id = k.serial_id AND b.reserved > 0
    WHERE k.lot_id IS NULL
    UNION ALL
    SELECT b.id, k.* FROM k JOIN boxes x ON x.outer_id = k.container_id
    JOIN stock_balance b ON b.container_id = x.id AND b.reserved > 0
    WHERE k.lot_id IS NULL AND k.serial_id IS NULL
    UNION ALL
    SELECT b.id, k.* FROM k JOIN stock_balance b ON b.item_id = k.item_id AND b.reserved > 0
    WHERE k.lot_id IS NULL AND k.serial_id IS NULL AND k.container_id IS NULL
    UNION ALL
    SELECT b.id, k.* FROM k JOIN places_place p ON k.place_id = ANY (p.path)
    JOIN stock_balance b ON b.place_id = p.id AND b.reserved > 0
    WHERE k.lot_id IS NULL AND k.serial_id IS NULL AND k.container_id IS NULL
      AND k.item_id IS NULL
  ), hit AS MATERIALIZED (
    SELECT DISTINCT b.id
    FROM near n
    JOIN stock_balance b ON b.id = n.id
      AND (n.serial_id IS NULL OR b.serial_id = n.serial_id)
      AND (n.item_id IS NULL OR b.item_id = n.item_id)
    JOIN places_place p ON p.id = b.place_id
      AND (n.place_id IS NULL OR n.place_id = ANY (p.path))
    WHERE n.container_id IS NULL OR EXISTS (
      SELECT FROM boxes x WHERE x.outer_id = n.container_id AND x.id = b.container_id)
  )
  SELECT array_agg(q.line_id), array_agg(q.balance_id), array_agg(q.quantity)
    INTO v_lines, v_balances, v_quantities
  FROM (
    SELECT v.id, v.line_id, v.balance_id, v.quantity
    FROM hit h JOIN stock_reservation v ON v.balance_id = h.id AND v.quantity > 0
    ORDER BY v.id FOR NO KEY UPDATE OF v) q;
  PERFORM FROM stock_balance b WHERE b.id = ANY (v_balances)
    ORDER BY b.item_id, coalesce(b.lot_id, 0), b.place_id, b.status, b.owner_id,
             coalesce(b.serial_id, 0), coalesce(b.container_id, 0) FOR NO KEY UPDATE;
  UPDATE stock_balance b SET reserved = b.reserved - u.q
  FROM (SELECT x.b, sum(x.q) AS q FROM unnest(v_balances, v_quantities) x(b, q) GROUP BY x.b) u
  WHERE b.id = u.b;
  UPDATE stock_reservation v SET quantity = 0, command_id = p_command
  FROM unnest(v_lines, v_balances) u(l, b) WHERE v.line_id = u.l AND v.balance_id = u.b;
  RETURN QUERY SELECT * FROM unnest(v_lines, v_balances, v_quantities);
END$$;

-- Whoever places a block or closes a period, by whatever way: posts in flight end first.
CREATE FUNCTION stock_wait_for_posts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(7202);
  RETURN NEW;
END$$;
CREATE TRIGGER wait_for_posts BEFORE INSERT ON stock_block
  FOR EACH ROW EXECUTE FUNCTION stock_wait_for_posts();
CREATE TRIGGER wait_for_posts BEFORE INSERT ON stock_closed_period
  FOR EACH ROW EXECUTE FUNCTION stock_wait_for_posts();
ALTER TABLE stock_block ENABLE ALWAYS TRIGGER wait_for_posts;
ALTER TABLE stock_closed_period ENABLE ALWAYS TRIGGER wait_for_posts;

-- The number of a running case that keeps this block where it is, or null. Here none does; recalls
-- puts its own answer in place (recalls/sql/gate.sql).
CREATE FUNCTION stock_block_keeper(p_block bigint) RETURNS text
LANGUAGE sql STABLE RETURN NULL::text;

-- A block is lifted once, and only after somebody signed for it; what it covers stays. # QUA-04
CREATE FUNCTION stock_keep_block() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.lifted_at IS NOT NULL AND (NEW.lifted_at IS DISTINCT FROM OLD.lifted_at
                                    OR NEW.lift_reason <> OLD.lift_reason) THEN
    RAISE EXCEPTION 'a block is lifted once' USING ERRCODE = 'TW011';
  END IF;
  IF NEW.lifted_at IS NOT NULL AND OLD.lifted_at IS NULL
     AND NOT EXISTS (SELECT FROM audit_signature s WHERE s.subject_uid = NEW.uid) THEN
    RAISE EXCEPTION 'a block is lifted by a signed decision only' USING ERRCODE = 'TW011';
  END IF;
  IF NEW.lifted_at IS NOT NULL AND OLD.lifted_at IS NULL
     AND stock_block_keeper(NEW.id) IS NOT NULL THEN
    RAISE EXCEPTION 'a block is not lifted while its case runs' USING ERRCODE = 'TW011';
  END IF;
  IF (NEW.id, NEW.uid, NEW.kind, NEW.lot_id, NEW.serial_id, NEW.container_id, NEW.place_id,
      NEW.item_id, NEW.case_id, NEW.until, NEW.placed_at, NEW.command_id)
     IS DISTINCT FROM (OLD.id, OLD.uid, OLD.kind, OLD.lot_id, OLD.serial_id, OLD.container_id,
      OLD.place_id, OLD.item_id, OLD.case_id, OLD.until, OLD.placed_at, OLD.command_id) THEN
    RAISE EXCEPTION 'what a block covers never changes: lift it and place another'
      USING ERRCODE = 'TW011';
  END IF;
  RETURN NEW;
END$$;
CREATE TRIGGER keep_block BEFORE UPDATE ON stock_block
  FOR EACH ROW EXECUTE FUNCTION stock_keep_block();
ALTER TABLE stock_block ENABLE ALWAYS TRIGGER keep_block;
