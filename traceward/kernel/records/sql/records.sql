-- Rows of stored files hash themselves on the way in and stay as they are.

-- The byte form of a stored file's row, version 1 (docs/reference/byte-form.md), as leaf hash.
CREATE FUNCTION tw_stored_file_hash(f records_stored_file) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
RETURN sha256('\x00'::bytea || convert_to(concat_ws('|', 'F1', f.id, tw_text(f.uid::text),
  tw_text(encode(f.sha256, 'hex')), tw_text(f.name), tw_text(f.media_type), f.size,
  tw_us(f.stored_at), f.command_id, tw_text(to_char(f.retain_until, 'YYYY-MM-DD'))), 'UTF8'));

CREATE FUNCTION tw_hash_stored_file() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.hash_version := 1;
  NEW.leaf_hash := tw_stored_file_hash(NEW);
  RETURN NEW;
END$$;
CREATE TRIGGER hash_row BEFORE INSERT ON records_stored_file
  FOR EACH ROW EXECUTE FUNCTION tw_hash_stored_file();
ALTER TABLE records_stored_file ENABLE ALWAYS TRIGGER hash_row;

CALL tw_make_append_only('records_stored_file');
