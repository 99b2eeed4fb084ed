-- The database's own facts, its clock, and the trigger that keeps history as it was written.

INSERT INTO base_database (id, uid, is_sandbox, clock_offset, created_at)
VALUES (1, gen_random_uuid(), coalesce(current_setting('traceward.sandbox', true), 'off') = 'on',
        '0', now());

-- Time has one source. In a sandbox the clock may stand at another moment; elsewhere it never does.
CREATE FUNCTION tw_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
RETURN now() + (SELECT clock_offset FROM base_database WHERE id = 1);

CREATE FUNCTION tw_set_clock(p_moment timestamptz) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT (SELECT is_sandbox FROM base_database WHERE id = 1) THEN
    RAISE EXCEPTION 'only a sandbox database may move its clock' USING ERRCODE = 'TW010';
  END IF;
  UPDATE base_database SET clock_offset = p_moment - now() WHERE id = 1;
  RETURN p_moment;
END$$;

-- Refuses every change to a row that is history; fires for everybody, replicas included.
CREATE FUNCTION tw_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% on % is refused: what was written stays; reverse it by a new entry',
    TG_OP, TG_TABLE_NAME USING ERRCODE = 'TW011';
END$$;

CREATE FUNCTION tw_keep_database_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'UPDATE' OR NEW.is_sandbox <> OLD.is_sandbox OR NEW.uid <> OLD.uid
     OR (NOT OLD.is_sandbox AND NEW.clock_offset <> '0') THEN
    RAISE EXCEPTION 'the identity of a database never changes' USING ERRCODE = 'TW011';
  END IF;
  RETURN NEW;
END$$;
CREATE TRIGGER keep_row BEFORE UPDATE OR DELETE ON base_database
  FOR EACH ROW EXECUTE FUNCTION tw_keep_database_row();
CREATE TRIGGER keep_table BEFORE TRUNCATE ON base_database
  FOR EACH STATEMENT EXECUTE FUNCTION tw_refuse_change();
ALTER TABLE base_database ENABLE ALWAYS TRIGGER keep_row;
ALTER TABLE base_database ENABLE ALWAYS TRIGGER keep_table;

-- Makes a table append-only: UPDATE, DELETE and TRUNCATE are refused to all roles.
CREATE PROCEDURE tw_make_append_only(p_table regclass) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON %s
    FOR EACH ROW EXECUTE FUNCTION tw_refuse_change()', p_table);
  EXECUTE format('CREATE TRIGGER append_only_table BEFORE TRUNCATE ON %s
    FOR EACH STATEMENT EXECUTE FUNCTION tw_refuse_change()', p_table);
  EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER append_only_rows', p_table);
  EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER append_only_table', p_table);
END$$;

-- What rows refer to that are checked together (references.py) never goes and keeps its key. Like a
-- foreign key this does not fire in a replica, which gets rows that were checked.
CREATE PROCEDURE tw_keep_referred(p_table regclass, p_key name) LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = p_table AND tgname = 'referred_rows') THEN
    RETURN;
  END IF;
  EXECUTE format('CREATE TRIGGER referred_rows BEFORE DELETE OR UPDATE OF %I ON %s
    FOR EACH ROW EXECUTE FUNCTION tw_refuse_change()', p_key, p_table);
  EXECUTE format('CREATE TRIGGER referred_table BEFORE TRUNCATE ON %s
    FOR EACH STATEMENT EXECUTE FUNCTION tw_refuse_change()', p_table);
END$$;

-- Where a row count of bytes is documented (docs/reference/byte-form.md): length-prefixed text.
CREATE FUNCTION tw_text(p text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN p IS NULL THEN '-' ELSE octet_length(p)::text || ':' || p END;

-- UTC microseconds since 1970-01-01 as an integer. Of immutable parts only (extract from a
-- timestamptz is not one), so that it is inlined: it is in the hash of every row.
CREATE FUNCTION tw_us(p timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (extract(epoch FROM p AT TIME ZONE 'UTC') * 1000000)::bigint;

-- The texts that migrations ran, so that a database made from others is told from this one.
CREATE TABLE base_sql_file (path text PRIMARY KEY, sha256 text NOT NULL);
