-- A place's kind, site and owner of its books never change: balances copied them. Nor does where it
-- stands in the tree: a block on a zone covers its bins, and nothing may be hung out of it.
CREATE FUNCTION tw_keep_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.kind <> OLD.kind OR NEW.physical <> OLD.physical OR NEW.site_id <> OLD.site_id
     OR NEW.legal_entity_id <> OLD.legal_entity_id OR NEW.path <> OLD.path
     OR NEW.parent_id IS DISTINCT FROM OLD.parent_id THEN
    RAISE EXCEPTION 'the kind, site, legal entity and parent of a place never change'
      USING ERRCODE = 'TW011';
  END IF;
  RETURN NEW;
END$$;
CREATE TRIGGER keep_place BEFORE UPDATE ON places_place
  FOR EACH ROW EXECUTE FUNCTION tw_keep_place();
ALTER TABLE places_place ENABLE ALWAYS TRIGGER keep_place;

-- The path follows from the parent, whatever was written.
CREATE FUNCTION tw_place_path() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.path := ARRAY[NEW.id];
  IF NEW.parent_id IS NOT NULL THEN
    SELECT p.path || NEW.id INTO NEW.path FROM places_place p
    WHERE p.id = NEW.parent_id AND p.site_id = NEW.site_id;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'a place stands below one of its own site' USING ERRCODE = 'TW011';
    END IF;
  END IF;
  RETURN NEW;
END$$;
CREATE TRIGGER derive_path BEFORE INSERT ON places_place
  FOR EACH ROW EXECUTE FUNCTION tw_place_path();
ALTER TABLE places_place ENABLE ALWAYS TRIGGER derive_path;
