-- What is called around a command's body: one round trip before it, one after it.

-- Begin: wait for a twin of this request, then say what is known of it, who asks, and what for.
-- The transaction may last so long, where the server knows how to limit it; 0 is no limit.
CREATE FUNCTION tw_command_begin(
  p_actor bigint, p_request uuid, p_verb text, p_milliseconds integer)
RETURNS TABLE (command_id bigint, at timestamptz, is_active boolean, entities bigint[],
               sites bigint[], seen_verb text, seen_digest bytea, seen_outcome text,
               seen_answer text)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  IF p_milliseconds > 0 AND current_setting('transaction_timeout', true) IS NOT NULL THEN
    PERFORM set_config('transaction_timeout', p_milliseconds::text, true);
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended(p_actor::text || p_request::text, 7200));
  RETURN QUERY
  SELECT nextval('audit_command_id'), tw_now(),
         coalesce((SELECT p.is_active FROM org_person p WHERE p.id = p_actor), false),
         g.entities, g.sites, r.verb::text, r.arguments_digest, r.outcome::text, r.answer
  FROM (
    SELECT array_agg(coalesce(x.legal_entity_id, 0)) AS entities,
           array_agg(coalesce(x.site_id, 0)) AS sites
    FROM org_role_grant x
    JOIN org_role_permission rp ON rp.role_id = x.role_id AND rp.permission = p_verb
    WHERE x.person_id = p_actor AND x.revoked_at IS NULL
  ) g
  LEFT JOIN command_request r ON r.actor_id = p_actor AND r.request_id = p_request;
END$$;

-- Numbers, taken last and therefore gapless: series by series, in their order, the documents of
-- each have its next numbers; so many of them belong to the first series, so many to the second.
CREATE FUNCTION tw_give_numbers(
  p_kinds text[], p_entities bigint[], p_years integer[], p_prefixes text[], p_counts integer[],
  p_documents bigint[])
RETURNS void LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_series bigint;
  v_next integer;
  v_done integer := 0;
BEGIN
  FOR n IN 1 .. cardinality(p_kinds) LOOP
    INSERT INTO documents_number_series (uid, kind, legal_entity_id, year, next_number)
    SELECT gen_random_uuid(), p_kinds[n], p_entities[n], p_years[n], 1
    WHERE NOT EXISTS (
      SELECT FROM documents_number_series s
      WHERE s.kind = p_kinds[n] AND s.legal_entity_id = p_entities[n] AND s.year = p_years[n])
    ON CONFLICT DO NOTHING;
    SELECT s.id, s.next_number INTO STRICT v_series, v_next
    FROM documents_number_series s
    WHERE s.kind = p_kinds[n] AND s.legal_entity_id = p_entities[n] AND s.year = p_years[n]
    FOR NO KEY UPDATE OF s;
    UPDATE documents_number_series SET next_number = v_next + p_counts[n] WHERE id = v_series;
    UPDATE documents_document d
    SET number = concat_ws('-', p_prefixes[n], e.code, p_years[n],
                           lpad(x.number::text, greatest(6, length(x.number::text)), '0'))
    FROM (SELECT p_documents[v_done + k] AS id, v_next + k - 1 AS number
          FROM generate_series(1, p_counts[n]) k) x, org_legal_entity e
    WHERE d.id = x.id AND e.id = p_entities[n];
    v_done := v_done + p_counts[n];
  END LOOP;
END$$;

-- Finish: answer, audit entry, queue for the sequence, and events, in one go.
CREATE FUNCTION tw_command_finish(
  p_command bigint, p_at timestamptz, p_actor bigint, p_request uuid, p_verb text, p_origin text,
  p_digest bytea, p_outcome text, p_answer text, p_detail text,
  p_uids uuid[], p_names text[], p_subjects uuid[], p_data text[])
RETURNS void LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  INSERT INTO command_request
    (command_id, actor_id, request_id, verb, arguments_digest, outcome, answer, at)
  VALUES (p_command, p_actor, p_request, p_verb, p_digest, p_outcome, p_answer, p_at);
  INSERT INTO audit_entry (id, at, actor_id, verb, request_id, origin, outcome, arguments_digest,
                           detail, hash_version, content_hash)
  VALUES (p_command, p_at, p_actor, p_verb, p_request, p_origin, p_outcome, p_digest,
          p_detail, 1, '');
  INSERT INTO outbox_queue (command_id, cluster, xid)
  VALUES (p_command, tw_cluster(), pg_current_xact_id());
  IF cardinality(p_uids) > 0 THEN
    INSERT INTO outbox_event (uid, command_id, ordinal, at, name, subject, data)
    SELECT e.uid, p_command, e.ordinal, p_at, e.name, e.subject, e.data::jsonb
    FROM unnest(p_uids, p_names, p_subjects, p_data) WITH ORDINALITY
      AS e(uid, name, subject, data, ordinal);
  END IF;
END$$;
