-- What is searched by a part of a number, in tables that grow without end. docs/adr/0223
--
-- Without the extension everything is found all the same, only slower as the tables grow.
DO $$ BEGIN
  CREATE EXTENSION IF NOT EXISTS pg_trgm;
EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN
  RAISE NOTICE 'pg_trgm is not to be had here: searching large lists will be slow (%)', SQLERRM;
END$$;

DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm') THEN
    RETURN;
  END IF;
  CREATE INDEX documents_document_search ON documents_document
    USING gin (upper(number::text) gin_trgm_ops);
  CREATE INDEX stock_lot_search ON stock_lot
    USING gin (upper(number::text) gin_trgm_ops, upper(raw_number::text) gin_trgm_ops,
               upper(supplier_lot::text) gin_trgm_ops, upper(own_lot::text) gin_trgm_ops);
  CREATE INDEX stock_serial_search ON stock_serial
    USING gin (upper(number::text) gin_trgm_ops, upper(raw_number::text) gin_trgm_ops);
  CREATE INDEX stock_container_search ON stock_container
    USING gin (upper(code::text) gin_trgm_ops);
END$$;
