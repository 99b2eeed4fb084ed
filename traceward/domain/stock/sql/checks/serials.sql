-- Serials that stand more than once in physical places.
SELECT s.raw_number AS serial, sum(b.on_hand)::bigint AS count,
       string_agg(p.code, ', ' ORDER BY p.code) AS places
FROM stock_balance b
JOIN stock_serial s ON s.id = b.serial_id
JOIN places_place p ON p.id = b.place_id
WHERE b.physical AND b.on_hand <> 0
GROUP BY s.id, s.raw_number
HAVING sum(b.on_hand) <> 1 OR count(*) > 1
ORDER BY s.id LIMIT 100
