-- Goods arrive at another site of the group, or come back to their own, from a shipment's transit
-- place; what did not arrive is written off from there by a signed decision. A transit place that
-- is blocked keeps its goods.
INSERT INTO stock_move_code (code, name, action, from_kinds, to_kinds, status_changes, same_place,
                             may_change_owner, needs_signature, within_site, keeps_blocks)
VALUES
  (19, 'transfer', 'move', '{transit}', '{bin,dock}', '{2>1}', false, true, false, false, true),
  (20, 'write_off', 'count', '{transit}', '{adjustment}', '{}', false, false, true, true, false);
