-- What the fingerprint of a company is taken over: rows told by names instead of ids.

-- name: parties
SELECT name_zh, name_en, uscc, gln, country
  FROM org_party;

-- name: people
SELECT p.login, p.name_zh, r.code, e.code, s.code
  FROM org_role_grant g
  JOIN org_person p ON p.id = g.person_id
  JOIN org_role r ON r.id = g.role_id
  LEFT JOIN org_legal_entity e ON e.id = g.legal_entity_id
  LEFT JOIN org_site s ON s.id = g.site_id;

-- name: places
SELECT CASE WHEN p.kind = 'transit' THEN (SELECT d.number FROM warehousing_shipment s JOIN
    documents_document d ON d.id = s.document_ptr_id WHERE s.transit_id = p.id) ELSE p.code
    END, p.kind, s.code, p.zone, p.name_zh, p.temperature_c_min, p.temperature_c_max,
    p.pick_rank, p.is_open, q.code
  FROM places_place p
  JOIN org_site s ON s.id = p.site_id
  LEFT JOIN places_place q ON q.id = p.parent_id;

-- name: licences
SELECT p.name_zh, l.kind, l.number, l.classes, l.categories, l.valid_from, l.valid_until
  FROM partners_licence l
  JOIN org_party p ON p.id = l.party_id;

-- name: products
SELECT registration_number, name_zh, device_class, category, valid_from, valid_until
  FROM catalog_product;

-- name: items
SELECT i.code, i.name_zh, i.specification, p.registration_number, i.has_lots, i.has_serials,
    i.is_implantable, i.storage_c_min, i.storage_c_max, i.product_line
  FROM catalog_item i
  LEFT JOIN catalog_product p ON p.id = i.product_id;

-- name: packs
SELECT i.code, p.level, p.di, p.base_units
  FROM catalog_packaging_level p
  JOIN catalog_item i ON i.id = p.item_id;

-- name: lots
SELECT i.code, l.raw_number, l.expires_on, l.made_on
  FROM stock_lot l
  JOIN catalog_item i ON i.id = l.item_id;

-- name: serials
SELECT i.code, s.raw_number, l.raw_number
  FROM stock_serial s
  JOIN catalog_item i ON i.id = s.item_id
  LEFT JOIN stock_lot l ON l.id = s.lot_id;

-- name: documents
SELECT d.kind, d.number, d.state, s.code, p.login,
    (d.created_at AT TIME ZONE 'Asia/Shanghai')::date, (SELECT count(*)
  FROM documents_line l WHERE l.document_id = d.id)
  FROM documents_document d
  JOIN org_site s ON s.id = d.site_id
  JOIN org_person p ON p.id = d.created_by_id;

-- name: moves
SELECT d.number, m.code, i.code, l.raw_number, s.raw_number, m.quantity,
    CASE WHEN f.kind = 'transit' THEN (SELECT d.number FROM warehousing_shipment s JOIN
    documents_document d ON d.id = s.document_ptr_id WHERE s.transit_id = f.id) ELSE f.code
    END, m.from_status, a.name_zh,
    CASE WHEN t.kind = 'transit' THEN (SELECT d.number FROM warehousing_shipment s JOIN
    documents_document d ON d.id = s.document_ptr_id WHERE s.transit_id = t.id) ELSE t.code
    END, m.to_status, b.name_zh, c.code, m.di, m.reason, p.login,
    (m.happened_at AT TIME ZONE 'Asia/Shanghai')::date
  FROM stock_move m
  JOIN catalog_item i ON i.id = m.item_id
  JOIN places_place f ON f.id = m.from_place_id
  JOIN places_place t ON t.id = m.to_place_id
  JOIN org_party a ON a.id = m.from_owner_id
  JOIN org_party b ON b.id = m.to_owner_id
  JOIN org_person p ON p.id = m.actor_id
  LEFT JOIN documents_document d ON d.id = m.document_id
  LEFT JOIN stock_lot l ON l.id = m.lot_id
  LEFT JOIN stock_serial s ON s.id = m.serial_id
  LEFT JOIN stock_container c ON c.id = m.to_container_id;

-- name: balances
SELECT i.code, l.raw_number, s.raw_number,
    CASE WHEN p.kind = 'transit' THEN (SELECT d.number FROM warehousing_shipment s JOIN
    documents_document d ON d.id = s.document_ptr_id WHERE s.transit_id = p.id) ELSE p.code
    END, b.status, o.name_zh, c.code, b.on_hand, b.reserved
  FROM stock_balance b
  JOIN catalog_item i ON i.id = b.item_id
  JOIN places_place p ON p.id = b.place_id
  JOIN org_party o ON o.id = b.owner_id
  LEFT JOIN stock_lot l ON l.id = b.lot_id
  LEFT JOIN stock_serial s ON s.id = b.serial_id
  LEFT JOIN stock_container c ON c.id = b.container_id;

-- name: promises
SELECT d.number, n.line_number, i.code, l.raw_number, r.quantity
  FROM stock_reservation r
  JOIN documents_line n ON n.id = r.line_id
  JOIN documents_document d ON d.id = n.document_id
  JOIN stock_balance b ON b.id = r.balance_id
  JOIN catalog_item i ON i.id = b.item_id
  LEFT JOIN stock_lot l ON l.id = b.lot_id
  WHERE r.quantity > 0;

-- name: blocks
SELECT b.kind, i.code, l.raw_number, b.reason, b.lifted_at IS NULL
  FROM stock_block b
  LEFT JOIN catalog_item i ON i.id = b.item_id
  LEFT JOIN stock_lot l ON l.id = b.lot_id;

-- name: results
SELECT d.number, r.check_name, r.is_passed, r.sample_quantity, r.defective_quantity, r.note
  FROM quality_result r
  JOIN documents_document d ON d.id = r.inspection_id;

-- name: commands
SELECT e.verb, e.outcome, p.login, count(*)
  FROM audit_entry e
  JOIN org_person p ON p.id = e.actor_id
  GROUP BY 1, 2, 3;
