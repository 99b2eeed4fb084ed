"""Mutants that live, each with why nothing can notice: words of its name → the reason.

A reason is a proof, not an excuse: it says which other guard holds, or why both forms are one.
"""

ONLY_CALLER = "the caller drops promises and edges of zero, so zero never comes"
EMPTY = "with empty arrays the statement does nothing"
ALONE = "a block is placed under the exclusive lock 7202, which no post can hold at that time"
FIVE_DEEP = (
    "containers are never nested deeper than five: a sixth step up or down finds nothing, and with"
    " no parent above there is nothing to add"
)
NOTHING_LATER = (
    "nothing is entered for the future, so at the very moment of a post nothing later has happened"
)
MORE_ROWS = (
    "other promises are locked too, or one that ends in this very microsecond by the post a moment"
    " later, in the same order; nothing is read or written by it"
)
NULL_LIST = "an empty list and no list are one to = ANY and to ||"
ZERO_ASKED = (
    "of a balance that does not fall nothing is asked: `was >= 0 AND was < 0`, or less, never holds"
)
SAVES = "it only saves a question: where it does not hold, the other side is false by itself"
NO_GROWTH = (
    "a serial whose balances do not grow cannot come to stand twice: the sum stays at most 1"
)
NO_ZERO = "no serial has the number 0"
MADE_ONCE = "a balance made as it will stand is the only one of its serial: the sum stays 1"
NEVER_NONE = "where nothing is promised the balance changes, so that zero never comes"
LEFT_AT_ONCE = (
    "what stood before goods left at the very moment is never less than what stood after, and that"
    " is asked as well: at the next later move, or by the locked balance"
)
LEFT_EARLIER = (
    "what left before the moment only adds to what stood at it, and what stood at it is asked as"
    " well: at the first later move, or by the locked balance"
)
LOOKED_TWICE = (
    "a balance that the first look misses is not made again, for ON CONFLICT does nothing, and the"
    " second look finds it"
)
NONE_RESERVED = (
    "a balance of which nothing is reserved has no reservation above zero, which the next line asks"
)
OTHER_ITEM = (
    "the lot or the serial names the item; a key of another item has by then a balance of its own,"
    " at zero, of which nothing was promised: the line gives back too much in both forms"
)
OF_ITS_LOT = "the lot or the serial, asked beside it, names the item"
NEWER_SERVER = (
    "servers from PostgreSQL 17 on have the setting, where both forms are one; on 15 and 16 the"
    " mutant fails at once, for there is none to set"
)
WIDER = "stock_blocks_on asks each block again what it covers: one too many near changes nothing"
WHOLE = "a block covers a balance as a whole, and so all promises of it"
NAMED = "every item has lots or serials, and a leg that names neither was refused before (fault 1)"
SIGNED = "a lifted block has its signature, which nobody removes: it is found again"
NEW_ONE = "of a new row there is no old parent, and the trigger fires only where there is a new one"
UNKNOWN_ITEM = "an unknown item has no has_lots, which is distinct from yes and from no: fault 1"
TWO_SIDES = (
    "a status that is none comes on both sides, where the other side tells; or as a change, which"
    " no code allows and no mirror has"
)

EXPLAINED: dict[str, str] = {
    "> to >= in «IF cardinality(r_line) > 0": EMPTY,
    "> to >= in «v_rows IS NULL AND cardinality(r_line) > 0": EMPTY,
    "> to >= in «IF cardinality(g_qty) > 0": EMPTY,
    "> to >= in «IF cardinality(p_uids) > 0": EMPTY,
    "< to <= in «(SELECT FROM unnest(r_delta) d WHERE d < 0)": ONLY_CALLER,
    "> to >= in «WHERE x.d > 0 AND s.state IS NOT NULL": ONLY_CALLER,
    "> to >= in «WHERE r_delta[x.n] > 0": ONLY_CALLER,
    "> to >= in «nest(k_serial, k_d) x(se, d) WHERE x.se > 0": "no serial has the number 0",
    "> to >= in «l, k_d) x(se, d) WHERE x.se > 0 AND x.d > 0": NO_GROWTH,
    "asks not in «OM unnest(k_serial, k_d) x(se, d) WHERE x.se > 0": "no serial has the number 0",
    "asks not in «erial, k_d) x(se, d) WHERE x.se > 0 AND x.d > 0": NO_GROWTH,
    "both to either in «(k_serial, k_d) x(se, d) WHERE x.se > 0 AND x.d > 0": NO_GROWTH,
    "> to >= in «WHERE x.se > 0 AND x.d > 0 AND x.id IS NOT NULL) k»": NO_GROWTH,
    "> to >= in «WHERE x.se > 0 AND x.id IS NOT NULL) m»": NO_ZERO,
    "both to either in «WHERE x.se > 0 AND x.d > 0 AND x.id IS NOT NULL) k»": NO_GROWTH,
    "asks not in «WHERE x.se > 0 AND x.d > 0 AND x.id IS NOT NULL) k» (2)": NO_GROWTH,
    "asks not in «WHERE x.se > 0 AND x.d > 0 AND x.id IS NOT NULL) k» (3)": MADE_ONCE,
    "asks not in «WHERE x.se > 0 AND x.d > 0 AND x.id IS NOT NULL) k»": NO_ZERO,
    "asks not in «WHERE x.se > 0 AND x.id IS NOT NULL) m» (2)": MADE_ONCE,
    "asks not in «WHERE x.se > 0 AND x.id IS NOT NULL) m»": NO_ZERO,
    "> to >= in «D (NOT pl.physical OR (is_plain AND k.d > 0)) THEN k.d»": NEVER_NONE,
    "asks not in «IF has_serials AND b_ids IS NOT NULL THEN»": SAVES,
    "asks not in «IF gives_back THEN»": SAVES,
    "asks not in «IF v_rows IS NULL AND cardinality(r_line) > 0 THEN» (2)": EMPTY,
    "asks not in «IF array_remove(document || line || fc || tc, NULL) <> '{}' AND (»": SAVES,
    "> to >= in «JOIN stock_balance b ON b.reserved > 0»": NONE_RESERVED,
    "stock_block_reservations: asks not in «JOIN stock_balance b ON b.reserved > 0»": NONE_RESERVED,
    "stock_block_reservations: no row lock": ALONE,
    "stock_block_reservations: any lock order": ALONE,
    "tw_sequence_commands: < to <=": (
        "the transaction at the horizon is still running, so that none of its rows can be seen"
    ),
    "stock_keep_nesting: <= to < in «WHERE u.level <= 5»": FIVE_DEEP,
    "stock_keep_nesting: <= to < in «WHERE d.level <= 5»": FIVE_DEEP,
    "stock_keep_nesting: no default in «IF coalesce(v_above, 0)": FIVE_DEEP,
    "stock_lock_promises: <= to < in «WHERE v.quantity > 0 AND v.expires_at": MORE_ROWS,
    "stock_lock_promises: > to >= in «WHERE v.quantity > 0 AND v.expires_at": MORE_ROWS,
    "stock_nest: no default in «) SELECT coalesce(array_agg(id), '{}') INTO v_outer": NULL_LIST,
    "stock_post: < to <= in «b ON b.id = u.id AND b.physical AND u.d < 0": ZERO_ASKED,
    "stock_post: asks not in «nce b ON b.id = u.id AND b.physical AND u.d < 0»": ZERO_ASKED,
    "stock_post: > to >= in «AND x.happened_at > v_happened) m»": LEFT_AT_ONCE,
    "stock_post: asks not in «AND x.happened_at > v_happened) m»": LEFT_EARLIER,
    "stock_post: < to <= in «IF p_happened < v_now THEN»": NOTHING_LATER,
    "no default in «stock_balance b ON b.item_id = k.i AND coalesce(b.lot_id, 0) = k.l»": (
        LOOKED_TWICE
    ),
    "no default in «AND coalesce(b.serial_id, 0) = k.se AND coalesce(b.container_id, 0) = k.c»": (
        LOOKED_TWICE
    ),
    "no default in «AND coalesce(b.serial_id, 0) = k.se AND coalesce(b.container_id, 0) = k.c»"
    " (2)": LOOKED_TWICE,
    "stock_post: asks not in «LEFT JOIN stock_balance b ON b.item_id = x.i AND": OTHER_ITEM,
    "stock_post: asks not in «FROM k JOIN later m ON m.item_id = k.item_id AND": OF_ITS_LOT,
    "stock_post: asks not in «JOIN stock_balance b ON b.item_id = x.i AND coalesce(b.lot_id, 0) ="
    " coalesce(x.l, 0)»": OF_ITS_LOT,
    "stock_post: asks not in «JOIN stock_balance b ON b.item_id = x.i AND coalesce(b.lot_id, 0) ="
    " coalesce(x.l, 0)» (2)": OF_ITS_LOT,
    "asks not in «IF p_milliseconds > 0 AND current_setting('transaction_timeout', true) IS NOT"
    " NULL THEN» (2)": NEWER_SERVER,
    "stock_blocks_near: asks not in «AND (b.lot_id = ANY (lots) OR (b.lot_id IS NULL": WIDER,
    "stock_blocks_near: asks not in «d = ANY (lots) OR (b.lot_id IS NULL AND (": WIDER,
    "stock_blocks_near: asks not in «b.serial_id = ANY (serials) OR (b.serial_id": WIDER,
    "u(l, b) WHERE v.line_id = u.l AND v.balance_id = u.b;»": WHOLE,
    "stock_blocks_near: asks not in «Y (serials) OR (b.serial_id IS NULL AND (": WIDER,
    "stock_blocks_near: asks not in «b.item_id = ANY (items) OR (b.item_id": WIDER,
    "stock_blocks_near: asks not in «= ANY (items) OR (b.item_id IS NULL AND (": WIDER,
    "stock_genealogy_faults: asks not in «SELECT * FROM moved WHERE (lot, serial) <> (0, 0)": NAMED,
    "stock_keep_block: asks not in «IF NEW.lifted_at IS NOT NULL AND OLD.lifted_at IS NULL» (2)": (
        SIGNED
    ),
    "stock_keep_nesting: asks not in «IF TG_OP = 'UPDATE' AND NEW.parent_id IS NOT DISTINCT": (
        NEW_ONE
    ),
    "stock_leg_faults: forgets case in «WHEN c.code IS NULL OR i.id IS NULL OR pf.id IS NULL OR"
    " pt.id IS NULL» (2)": UNKNOWN_ITEM,
    "stock_lock_promises: asks not in «": MORE_ROWS,
    "stock_leg_faults: forgets case in «OR l.ts NOT IN (1, 2, 3) OR l.fs NOT IN (1, 2, 3)": (
        TWO_SIDES
    ),
}
