-- Audit entries hash themselves on the way in and stay as they are.

CREATE SEQUENCE audit_command_id AS bigint;

-- The byte form of an audit entry, version 1 (docs/reference/byte-form.md), as RFC 6962 leaf hash.
CREATE FUNCTION tw_audit_hash(e audit_entry) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
RETURN sha256('\x00'::bytea || convert_to(concat_ws('|', 'A1', e.id, tw_us(e.at), e.actor_id,
  tw_text(e.verb), tw_text(e.request_id::text), tw_text(e.origin), tw_text(e.outcome),
  tw_text(encode(e.arguments_digest, 'hex')), tw_text(e.detail)), 'UTF8'));

CREATE FUNCTION tw_hash_audit_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.hash_version := 1;
  NEW.content_hash := tw_audit_hash(NEW);
  RETURN NEW;
END$$;
CREATE TRIGGER hash_row BEFORE INSERT ON audit_entry
  FOR EACH ROW EXECUTE FUNCTION tw_hash_audit_entry();
ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER hash_row;

-- The byte form of a signature, version 1.
CREATE FUNCTION tw_signature_hash(s audit_signature) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
RETURN sha256('\x00'::bytea || convert_to(concat_ws('|', 'S1', s.id, tw_text(s.uid::text),
  s.person_id, tw_us(s.at), tw_text(s.meaning), tw_text(s.subject_kind),
  tw_text(s.subject_uid::text), tw_text(encode(s.content_hash, 'hex')), s.command_id), 'UTF8'));

CREATE FUNCTION tw_hash_signature() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.hash_version := 1;
  NEW.leaf_hash := tw_signature_hash(NEW);
  RETURN NEW;
END$$;
CREATE TRIGGER hash_row BEFORE INSERT ON audit_signature
  FOR EACH ROW EXECUTE FUNCTION tw_hash_signature();
ALTER TABLE audit_signature ENABLE ALWAYS TRIGGER hash_row;

-- Hashes do not compress: kept out of line as they are.
ALTER TABLE audit_seal ALTER COLUMN leaves SET STORAGE EXTERNAL;

CALL tw_make_append_only('audit_entry');
CALL tw_make_append_only('audit_signature');
CALL tw_make_append_only('audit_seal');
