-- Lots and serials share one number range, so that a node of the genealogy is one number.
CREATE SEQUENCE stock_identity AS bigint;
ALTER TABLE stock_lot ALTER COLUMN id DROP IDENTITY;
ALTER TABLE stock_lot ALTER COLUMN id SET DEFAULT nextval('stock_identity');
ALTER TABLE stock_serial ALTER COLUMN id DROP IDENTITY;
ALTER TABLE stock_serial ALTER COLUMN id SET DEFAULT nextval('stock_identity');

-- What is what: written by migrations, read by stock_post and by the pages that explain.
CREATE TABLE stock_move_code (
  code smallint PRIMARY KEY,
  name text NOT NULL UNIQUE,
  action text NOT NULL,
  from_kinds text[] NOT NULL,
  to_kinds text[] NOT NULL,
  status_changes text[] NOT NULL,  -- 'from>to' pairs besides keeping the status
  same_place boolean NOT NULL,     -- the goods stay where they are
  may_change_owner boolean NOT NULL,
  needs_signature boolean NOT NULL,
  within_site boolean NOT NULL,    -- from one site to another goods go through transit only
  keeps_blocks boolean NOT NULL    -- the goods stay usable: not out of a blocked place or container
);
INSERT INTO stock_move_code
SELECT code, name, action,
  CASE f WHEN 'inside' THEN '{bin,dock,staging}'::text[] ELSE string_to_array(f, ',') END,
  CASE t WHEN 'inside' THEN '{bin,dock,staging}'::text[] ELSE string_to_array(t, ',') END,
  string_to_array(changes, ','), same_place, owner, signed,
  code <> 18 AND f IN ('inside', 'bin') AND t IN ('inside', 'staging'), action = 'move'
FROM (VALUES
  (1,  'receive',    'receive', 'supplier', 'inside', '', false, true, false),
  (2,  'putaway',    'move',    'inside', 'inside', '', false, false, false),
  (3,  'move',       'move',    'inside', 'inside', '', false, false, false),
  (4,  'pick',       'pick',    'bin', 'staging', '', false, false, false),
  (5,  'pack',       'pack',    'inside', 'inside', '', true, false, false),
  (6,  'ship',       'ship',    'staging', 'transit', '', false, false, false),
  (7,  'deliver',    'deliver', 'transit', 'customer,department', '', false, true, false),
  (8,  'use',        'use',     'customer,department', 'used', '', false, true, false),
  (9,  'consume',    'consume', 'inside', 'production', '', false, false, false),
  (10, 'produce',    'receive', 'production', 'inside', '', false, false, false),
  (11, 'release',    'release', 'inside', 'inside', '1>2', true, false, true),
  (12, 'reject',     'reject',  'inside', 'inside', '1>3,2>3', true, false, true),
  (13, 'adjust_in',  'count',   'adjustment', 'inside', '', false, false, false),
  (14, 'adjust_out', 'count',   'inside', 'adjustment', '', false, false, false),
  (15, 'return_from_customer', 'return', 'customer,department,transit', 'inside', '2>1', false,
       true, false),
  (16, 'return_to_supplier', 'return', 'inside', 'supplier', '', false, true, false),
  (17, 'destroy',    'destroy', 'inside', 'destruction', '', false, false, false),
  (18, 'reverse',    'move',    'any', 'any', '1>1', false, true, false)
) v(code, name, action, f, t, changes, same_place, owner, signed);
-- Goods arrive at another site of the group, or come back to their own, from a shipment's transit
-- place; what did not arrive is written off from there by a signed decision. A transit place that
-- is blocked keeps its goods.
INSERT INTO stock_move_code (code, name, action, from_kinds, to_kinds, status_changes, same_place,
                             may_change_owner, needs_signature, within_site, keeps_blocks)
VALUES
  (19, 'transfer', 'move', '{transit}', '{bin,dock}', '{2>1}', false, true, false, false, true),
  (20, 'write_off', 'count', '{transit}', '{adjustment}', '{}', false, false, true, true, false);

CREATE TABLE stock_status_policy (
  state text NOT NULL,   -- pending, qualified, rejected (stored); expired, on_hold, recalled
  action text NOT NULL,
  allowed boolean NOT NULL,
  PRIMARY KEY (state, action)
);
INSERT INTO stock_status_policy
SELECT s.state, a.action, a.action = ANY (s.allows)
FROM (VALUES
  ('pending',   '{receive,move,count,return,release,reject}'::text[]),
  ('qualified', '{receive,move,count,return,reject,allocate,pick,pack,ship,deliver,use,consume,'
                'destroy}'),
  ('rejected',  '{move,count,return,destroy}'),
  ('expired',   '{move,count,return,reject,destroy}'),
  ('on_hold',   '{receive,move,count,return,reject}'),
  ('recalled',  '{receive,move,count,return,reject,destroy}')
) s(state, allows)
CROSS JOIN unnest('{receive,move,count,return,release,reject,allocate,pick,pack,ship,deliver,use,'
                  'consume,destroy}'::text[]) a(action);

CREATE TABLE stock_move (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  command_id bigint NOT NULL,
  posted_at timestamptz NOT NULL,
  happened_at timestamptz NOT NULL,
  code smallint NOT NULL REFERENCES stock_move_code,
  document_id bigint,
  line_id bigint,
  item_id bigint NOT NULL,
  lot_id bigint,
  serial_id bigint,
  quantity bigint NOT NULL,
  from_place_id bigint NOT NULL,
  from_status smallint NOT NULL,
  from_owner_id bigint NOT NULL,
  from_container_id bigint,
  to_place_id bigint NOT NULL,
  to_status smallint NOT NULL,
  to_owner_id bigint NOT NULL,
  to_container_id bigint,
  actor_id bigint NOT NULL,
  reverses_id bigint,
  di text,
  reason text,
  device text,
  clock_offset_ms int,
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),  -- outside the hash: means nothing elsewhere
  hash_version smallint NOT NULL,
  content_hash bytea NOT NULL,
  CONSTRAINT stock_move_quantity CHECK (quantity > 0),
  CONSTRAINT stock_move_serial_is_one CHECK (serial_id IS NULL OR quantity = 1),
  CONSTRAINT stock_move_goes_somewhere CHECK (
    (from_place_id, from_status, from_owner_id, coalesce(from_container_id, 0))
    <> (to_place_id, to_status, to_owner_id, coalesce(to_container_id, 0)))
);
ALTER TABLE stock_move DROP CONSTRAINT stock_move_code_fkey;
CREATE INDEX stock_move_lot ON stock_move (lot_id, id);
CREATE INDEX stock_move_serial ON stock_move (serial_id) WHERE serial_id IS NOT NULL;
CREATE INDEX stock_move_document ON stock_move (document_id, line_id)
  WHERE document_id IS NOT NULL;
CREATE INDEX stock_move_command ON stock_move (command_id);
CREATE INDEX stock_move_from ON stock_move (from_place_id, item_id, happened_at);
CREATE INDEX stock_move_to ON stock_move (to_place_id, item_id, happened_at);
CREATE INDEX stock_move_posted ON stock_move USING brin (posted_at);
CREATE INDEX stock_move_happened ON stock_move USING brin (happened_at);
CREATE INDEX stock_move_late ON stock_move (happened_at)
  WHERE (posted_at - happened_at) > interval '1 hour';
CREATE UNIQUE INDEX stock_move_reversed_once ON stock_move (reverses_id)
  WHERE reverses_id IS NOT NULL;

CREATE TABLE stock_balance (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  item_id bigint NOT NULL,
  lot_id bigint,
  serial_id bigint,
  container_id bigint,
  place_id bigint NOT NULL,
  status smallint NOT NULL,
  owner_id bigint NOT NULL,
  physical boolean NOT NULL,
  on_hand bigint NOT NULL DEFAULT 0,
  reserved bigint NOT NULL DEFAULT 0,
  -- The serial, while it physically stands here. Indexed instead of on_hand, so that a quantity
  -- can change without touching any index.
  serial_here bigint GENERATED ALWAYS AS (CASE WHEN physical AND on_hand = 1 THEN serial_id END)
    STORED,
  -- Whether anything is left: balances stay when their goods are gone, and soon most are such.
  stands boolean GENERATED ALWAYS AS (on_hand <> 0) STORED NOT NULL,
  CONSTRAINT stock_balance_reserved CHECK (reserved >= 0),
  CONSTRAINT stock_balance_never_negative CHECK (
    NOT physical OR (on_hand >= 0 AND reserved <= on_hand)),
  CONSTRAINT stock_balance_serial_is_one CHECK (
    serial_id IS NULL OR NOT physical OR on_hand IN (0, 1))
) WITH (fillfactor = 80);
-- `place_id + 0`: whoever looks for a whole key writes it so, and no plan can take the index by
-- place instead, which finds ten thousand serials in one place for each of them. Statistics cannot
-- help: they are from before the command that brings the serials. No other index may hold the item
-- for the same reason.
CREATE UNIQUE INDEX stock_balance_key ON stock_balance (
  item_id, (coalesce(lot_id, 0)), (place_id + 0), status, owner_id, (coalesce(serial_id, 0)),
  (coalesce(container_id, 0)));
-- Fresh statistics early: with none, the planner finds balances by the wrong index.
ALTER TABLE stock_balance SET (autovacuum_analyze_threshold = 500,
  autovacuum_analyze_scale_factor = 0.05, autovacuum_vacuum_scale_factor = 0.05);
-- By `physical` too: what stands of a lot is asked for most, and half of its balances are none.
CREATE INDEX stock_balance_lot ON stock_balance (lot_id, physical);
CREATE INDEX stock_balance_place ON stock_balance (place_id);
-- What is left, for sums and lists over all stock. By `stands`, which changes with the last unit.
CREATE INDEX stock_balance_left ON stock_balance (place_id, status) WHERE stands;
CREATE INDEX stock_balance_serial ON stock_balance (serial_id) WHERE serial_id IS NOT NULL;
CREATE INDEX stock_balance_container ON stock_balance (container_id)
  WHERE container_id IS NOT NULL;
-- A serial is in one physical place at a time.
CREATE UNIQUE INDEX stock_balance_serial_once ON stock_balance (serial_here)
  WHERE serial_here IS NOT NULL;

CREATE TABLE stock_reservation (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  line_id bigint NOT NULL REFERENCES documents_line,
  balance_id bigint NOT NULL REFERENCES stock_balance,
  quantity bigint NOT NULL,
  expires_at timestamptz,
  command_id bigint NOT NULL,
  CONSTRAINT stock_reservation_quantity CHECK (quantity >= 0),
  CONSTRAINT stock_reservation_once UNIQUE (line_id, balance_id)
);
CREATE INDEX stock_reservation_open ON stock_reservation (balance_id) WHERE quantity > 0;

CREATE TABLE stock_genealogy (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  command_id bigint NOT NULL,
  input_lot_id bigint REFERENCES stock_lot,
  input_serial_id bigint REFERENCES stock_serial,
  output_lot_id bigint REFERENCES stock_lot,
  output_serial_id bigint REFERENCES stock_serial,
  quantity bigint NOT NULL CHECK (quantity > 0),
  hash_version smallint NOT NULL,
  leaf_hash bytea NOT NULL,
  input_node bigint NOT NULL GENERATED ALWAYS AS (coalesce(input_serial_id, input_lot_id)) STORED,
  output_node bigint NOT NULL
    GENERATED ALWAYS AS (coalesce(output_serial_id, output_lot_id)) STORED
);
-- All that a trace reads of an edge, so that it reads the index alone.
CREATE INDEX stock_genealogy_forward ON stock_genealogy (input_node)
  INCLUDE (id, command_id, output_node, quantity);
CREATE INDEX stock_genealogy_back ON stock_genealogy (output_node)
  INCLUDE (id, command_id, input_node, quantity);
CREATE INDEX stock_genealogy_command ON stock_genealogy (command_id);
-- A transformation that was taken back as a whole: its edges count no more. It follows from the
-- moves that reverse it, so it is not sealed; stock_post writes it, a self-check compares.
CREATE TABLE stock_genealogy_void (
  command_id bigint PRIMARY KEY,   -- whose edges are void
  by_command_id bigint NOT NULL
);
CREATE INDEX stock_serial_of_lot ON stock_serial (lot_id) WHERE lot_id IS NOT NULL;

-- The byte form of a move, version 1 (docs/reference/byte-form.md), as RFC 6962 leaf hash.
CREATE FUNCTION tw_move_hash(m stock_move) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
RETURN sha256('\x00'::bytea || convert_to(concat_ws('|', 'M1', m.id, m.command_id,
  tw_us(m.posted_at), tw_us(m.happened_at), m.code, coalesce(m.document_id::text, '-'),
  coalesce(m.line_id::text, '-'), m.item_id, coalesce(m.lot_id::text, '-'),
  coalesce(m.serial_id::text, '-'), m.quantity, m.from_place_id, m.from_status, m.from_owner_id,
  coalesce(m.from_container_id::text, '-'), m.to_place_id, m.to_status, m.to_owner_id,
  coalesce(m.to_container_id::text, '-'), m.actor_id, coalesce(m.reverses_id::text, '-'),
  tw_text(m.di), tw_text(m.reason), tw_text(m.device), coalesce(m.clock_offset_ms::text, '-')),
  'UTF8'));

CREATE FUNCTION tw_hash_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.hash_version := 1;
  NEW.content_hash := tw_move_hash(NEW);
  RETURN NEW;
END$$;
CREATE TRIGGER hash_row BEFORE INSERT ON stock_move
  FOR EACH ROW EXECUTE FUNCTION tw_hash_move();
ALTER TABLE stock_move ENABLE ALWAYS TRIGGER hash_row;

-- The byte form of a genealogy edge, version 1.
CREATE FUNCTION tw_genealogy_hash(g stock_genealogy) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
RETURN sha256('\x00'::bytea || convert_to(concat_ws('|', 'G1', g.id, g.command_id,
  coalesce(g.input_lot_id::text, '-'), coalesce(g.input_serial_id::text, '-'),
  coalesce(g.output_lot_id::text, '-'), coalesce(g.output_serial_id::text, '-'), g.quantity),
  'UTF8'));

CREATE FUNCTION tw_hash_genealogy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.hash_version := 1;
  NEW.leaf_hash := tw_genealogy_hash(NEW);
  RETURN NEW;
END$$;
CREATE TRIGGER hash_row BEFORE INSERT ON stock_genealogy
  FOR EACH ROW EXECUTE FUNCTION tw_hash_genealogy();
ALTER TABLE stock_genealogy ENABLE ALWAYS TRIGGER hash_row;

CALL tw_make_append_only('stock_move');
CALL tw_make_append_only('stock_genealogy');
CALL tw_make_append_only('stock_genealogy_void');

-- Balances are changed by stock_post and never removed.
CREATE TRIGGER never_removed BEFORE DELETE ON stock_balance
  FOR EACH ROW EXECUTE FUNCTION tw_refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON stock_balance
  FOR EACH STATEMENT EXECUTE FUNCTION tw_refuse_change();
ALTER TABLE stock_balance ENABLE ALWAYS TRIGGER never_removed;
ALTER TABLE stock_balance ENABLE ALWAYS TRIGGER never_emptied;
