-- The floors: the least that PostgreSQL needs for the same work.
--
-- A floor writes the same facts with the same durability (each transaction waits for the disk) and
-- keeps the same indexes, but decides nothing: no permission, no refusal, no CHECK, no lock taken
-- first, no hash, no audit, no event. Each statement below is run as it stands, by the same driver
-- and the same number of processes as what it is compared with. %(name)s is a parameter.

-- name: tables
-- The ledger's two tables with their columns and indexes, without triggers and constraints.
CREATE TABLE floor_move (LIKE stock_move INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING INDEXES);
CREATE TABLE floor_balance (LIKE stock_balance
  INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING INDEXES) WITH (fillfactor = 80);
ALTER TABLE floor_balance ALTER COLUMN stands SET DEFAULT true;

-- name: empty
TRUNCATE floor_move, floor_balance;

-- name: fill_balances
-- The floor starts with as many rows as the ledger has, so that its indexes are as deep.
INSERT INTO floor_balance OVERRIDING SYSTEM VALUE SELECT * FROM stock_balance;

-- name: fill_moves
INSERT INTO floor_move OVERRIDING SYSTEM VALUE SELECT * FROM stock_move;

-- name: renumber_balances
SELECT setval(pg_get_serial_sequence('floor_balance', 'id'),
              (SELECT coalesce(max(id), 1) FROM floor_balance));

-- name: renumber_moves
SELECT setval(pg_get_serial_sequence('floor_move', 'id'),
              (SELECT coalesce(max(id), 1) FROM floor_move));

-- name: one_balance
-- One side of one line.
INSERT INTO floor_balance AS b (item_id, lot_id, place_id, status, owner_id, physical, on_hand)
VALUES (%(item)s, %(lot)s, %(place)s, 2, %(owner)s, true, %(change)s)
ON CONFLICT (item_id, (coalesce(lot_id, 0)), (place_id + 0), status, owner_id,
             (coalesce(serial_id, 0)), (coalesce(container_id, 0)))
DO UPDATE SET on_hand = b.on_hand + excluded.on_hand;

-- name: one_move
INSERT INTO floor_move (command_id, posted_at, happened_at, code, item_id, lot_id, quantity,
  from_place_id, from_status, from_owner_id, to_place_id, to_status, to_owner_id, actor_id,
  hash_version, content_hash)
VALUES (1, now(), now(), 3, %(item)s, %(lot)s, %(quantity)s, %(from)s, 2, %(owner)s,
        %(to)s, 2, %(owner)s, 1, 1, '');

-- name: many_balances
-- Both sides of all lines, netted and sorted, so that two clients never wait for each other in
-- opposite order.
INSERT INTO floor_balance AS b (item_id, lot_id, place_id, status, owner_id, physical, on_hand)
SELECT item, lot, place, 2, %(owner)s, true, sum(change)
FROM (
  SELECT item, lot, place, -quantity AS change
  FROM unnest(%(items)s::bigint[], %(lots)s::bigint[], %(sources)s::bigint[],
              %(quantities)s::bigint[]) AS line(item, lot, place, quantity)
  UNION ALL
  SELECT item, lot, place, quantity
  FROM unnest(%(items)s::bigint[], %(lots)s::bigint[], %(targets)s::bigint[],
              %(quantities)s::bigint[]) AS line(item, lot, place, quantity)
) side
GROUP BY item, lot, place ORDER BY item, lot, place
ON CONFLICT (item_id, (coalesce(lot_id, 0)), (place_id + 0), status, owner_id,
             (coalesce(serial_id, 0)), (coalesce(container_id, 0)))
DO UPDATE SET on_hand = b.on_hand + excluded.on_hand;

-- name: many_moves
INSERT INTO floor_move (command_id, posted_at, happened_at, code, item_id, lot_id, quantity,
  from_place_id, from_status, from_owner_id, to_place_id, to_status, to_owner_id, actor_id,
  hash_version, content_hash)
SELECT 1, now(), now(), 3, item, lot, quantity, source, 2, %(owner)s, target, 2, %(owner)s,
       1, 1, ''
FROM unnest(%(items)s::bigint[], %(lots)s::bigint[], %(sources)s::bigint[],
            %(targets)s::bigint[], %(quantities)s::bigint[])
     AS line(item, lot, source, target, quantity);

-- name: one_item
-- What stands inside, of one item.
SELECT b.item_id, sum(b.on_hand) FROM stock_balance b JOIN places_place p ON p.id = b.place_id
WHERE p.kind IN ('warehouse', 'zone', 'bin', 'dock', 'staging', 'repair', 'transit')
  AND b.on_hand <> 0 AND b.item_id = %(item)s
GROUP BY b.item_id;

-- name: all_items
-- The same of every item.
SELECT b.item_id, sum(b.on_hand) FROM stock_balance b JOIN places_place p ON p.id = b.place_id
WHERE p.kind IN ('warehouse', 'zone', 'bin', 'dock', 'staging', 'repair', 'transit')
  AND b.on_hand <> 0
GROUP BY b.item_id;

-- name: by_lot_and_place
-- Every balance: what it is, where it is, when it expires; without what is derived from these.
SELECT b.id, b.item_id, b.lot_id, b.serial_id, b.container_id, b.place_id, p.site_id, p.kind,
       b.status, b.owner_id, b.on_hand, b.reserved, l.expires_on
FROM stock_balance b
JOIN places_place p ON p.id = b.place_id
LEFT JOIN stock_lot l ON l.id = b.lot_id
WHERE b.on_hand <> 0
ORDER BY b.item_id, b.lot_id, b.place_id;

-- name: trace_forward
-- Which lots anything of the lot went into.
WITH RECURSIVE found(node) AS (
  SELECT %(node)s::bigint
  UNION
  SELECT g.output_node FROM found f JOIN stock_genealogy g ON g.input_node = f.node)
SELECT node FROM found;

-- name: trace_backward
WITH RECURSIVE found(node) AS (
  SELECT %(node)s::bigint
  UNION
  SELECT g.input_node FROM found f JOIN stock_genealogy g ON g.output_node = f.node)
SELECT node FROM found;

-- name: hash_moves
-- The byte form of every move, hashed once and compared with what the row says.
SELECT count(*) FROM stock_move m WHERE m.content_hash = tw_move_hash(m);

-- name: reservations
CREATE TABLE floor_reservation (LIKE stock_reservation
  INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING INDEXES);

-- name: fefo
-- Each item's stock in a row by expiry, each item's lines in a row; where the two overlap, the line
-- gets that much. No lock is taken first, nothing is judged, no reason is kept.
WITH demand AS (
  SELECT line, item, sum(quantity) OVER way - quantity AS low, sum(quantity) OVER way AS high
  FROM unnest(%(lines)s::bigint[], %(items)s::bigint[], %(quantities)s::bigint[])
    AS d(line, item, quantity)
  WINDOW way AS (PARTITION BY item ORDER BY line)
), stock AS (
  SELECT b.id, b.item_id, sum(b.on_hand - b.reserved) OVER way - (b.on_hand - b.reserved) AS low,
         sum(b.on_hand - b.reserved) OVER way AS high
  FROM floor_balance b
  JOIN places_place p ON p.id = b.place_id AND p.kind = 'bin'
  JOIN stock_lot l ON l.id = b.lot_id
  WHERE b.item_id = ANY (%(items)s) AND b.status = 2 AND b.on_hand > b.reserved
  WINDOW way AS (PARTITION BY b.item_id ORDER BY l.expires_on, p.pick_rank, b.id)
), got AS MATERIALIZED (
  SELECT d.line, s.id, least(d.high, s.high) - greatest(d.low, s.low) AS quantity
  FROM demand d JOIN stock s ON s.item_id = d.item AND s.low < d.high AND d.low < s.high
), held AS (
  INSERT INTO floor_reservation (line_id, balance_id, quantity, command_id)
  SELECT line, id, quantity, 1 FROM got
)
UPDATE floor_balance b SET reserved = b.reserved + g.quantity
FROM (SELECT id, sum(quantity)::bigint AS quantity FROM got GROUP BY id) g WHERE b.id = g.id;

-- name: serials
-- What a receipt of serials leaves behind besides moves and balances.
CREATE TABLE floor_serial (LIKE stock_serial
  INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING INDEXES);
CREATE TABLE floor_line (LIKE documents_line
  INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING INDEXES);
CREATE TABLE floor_receipt_line (LIKE warehousing_receipt_line
  INCLUDING DEFAULTS INCLUDING INDEXES);

-- name: receive_serials
-- The serials, their lines, both balances of each and its move; nothing is read or checked.
WITH serial AS (
  INSERT INTO floor_serial (uid, item_id, lot_id, number, raw_number)
  SELECT gen_random_uuid(), %(item)s, %(lot)s, n, n FROM unnest(%(numbers)s::text[]) n
  RETURNING id, number
), line AS (
  INSERT INTO floor_line (uid, document_id, line_number)
  SELECT gen_random_uuid(), %(document)s, row_number() OVER () FROM serial
  RETURNING id, line_number
), kept AS (
  INSERT INTO floor_receipt_line (line_id, receipt_id, expected_line_id, item_id, lot_id, serial_id,
    packaging_id, quantity, raw, device_name, model, specification, registration_number,
    registrant_name, maker_name, production_licence, unit, contract_maker_name, udi_di,
    storage_conditions, service_life, is_damaged)
  SELECT l.id, %(document)s, l.id, %(item)s, %(lot)s, s.id, 1, 1, repeat('0', 60), 'device',
         'model', '', 'registration', 'registrant', 'maker', 'licence', 'EA', '', repeat('0', 14),
         '', '', false
  FROM (SELECT id, row_number() OVER () AS n FROM serial) s JOIN line l ON l.line_number = s.n
), balance AS (
  INSERT INTO floor_balance (item_id, lot_id, serial_id, place_id, status, owner_id, physical,
                             on_hand)
  SELECT %(item)s, %(lot)s, s.id, p.place, 1, p.owner, p.place = %(to)s, p.change
  FROM serial s, (VALUES (%(from)s::bigint, %(supplier)s::bigint, -1),
                         (%(to)s::bigint, %(owner)s::bigint, 1)) p(place, owner, change)
)
INSERT INTO floor_move (command_id, posted_at, happened_at, code, item_id, lot_id, serial_id,
  quantity, from_place_id, from_status, from_owner_id, to_place_id, to_status, to_owner_id,
  actor_id, hash_version, content_hash)
SELECT 1, now(), now(), 1, %(item)s, %(lot)s, id, 1, %(from)s, 1, %(supplier)s, %(to)s, 1,
       %(owner)s, 1, 1, ''
FROM serial;
