-- Commands wait here until no older transaction can still commit. xid8 values mean nothing in
-- another cluster, so each row says which cluster's they are; rows of another one committed there.
CREATE TABLE outbox_queue (
  command_id bigint PRIMARY KEY,
  cluster bigint NOT NULL,
  xid xid8 NOT NULL
);

CREATE FUNCTION tw_cluster() RETURNS bigint LANGUAGE sql STABLE
RETURN (SELECT system_identifier FROM pg_control_system());

-- Gives the next sequence numbers to commands that can no longer be overtaken; returns how many.
CREATE FUNCTION tw_sequence_commands(p_limit int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  n int;
  last bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(7201);
  SELECT coalesce(max(sequence), 0) INTO last FROM outbox_order;
  WITH ready AS (
    SELECT command_id FROM outbox_queue
    WHERE cluster <> tw_cluster() OR xid < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY command_id LIMIT p_limit
  ), taken AS (
    DELETE FROM outbox_queue q USING ready r WHERE q.command_id = r.command_id
    RETURNING q.command_id
  )
  INSERT INTO outbox_order (sequence, command_id)
  SELECT last + row_number() OVER (ORDER BY command_id), command_id FROM taken;
  GET DIAGNOSTICS n = ROW_COUNT;
  RETURN n;
END$$;

CALL tw_make_append_only('outbox_event');
CALL tw_make_append_only('outbox_order');
