-- A place's kind, site and owner of its books never change: balances copied them.
CREATE FUNCTION tw_keep_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.kind <> OLD.kind OR NEW.physical <> OLD.physical OR NEW.site_id <> OLD.site_id
     OR NEW.legal_entity_id <> OLD.legal_entity_id THEN
    RAISE EXCEPTION 'the kind, site and legal entity of a place never change'
      USING ERRCODE = 'TW011';
  END IF;
  RETURN NEW;
END$$;
CREATE TRIGGER keep_place BEFORE UPDATE ON places_place
  FOR EACH ROW EXECUTE FUNCTION tw_keep_place();
ALTER TABLE places_place ENABLE ALWAYS TRIGGER keep_place;
