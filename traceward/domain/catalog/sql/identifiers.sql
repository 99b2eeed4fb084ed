-- The UDI-DI with which a pack is made is the first of its identifiers, so that one index keeps
-- every code to one pack, whichever command writes it. Replicas get both rows, so it is not ALWAYS.
CREATE FUNCTION catalog_identify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO catalog_identifier (packaging_id, agency, di) VALUES (NEW.id, NEW.agency, NEW.di);
  RETURN NULL;
END$$;
CREATE TRIGGER identify AFTER INSERT ON catalog_packaging_level
  FOR EACH ROW EXECUTE FUNCTION catalog_identify();
