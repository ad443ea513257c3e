-- Version 1 of the tables of a journal. `{schema}` is its schema, and `{class}` the class of its advisory locks.
-- Times are milliseconds since 1970.

CREATE SCHEMA IF NOT EXISTS {schema};

-- One row: what holds for the whole journal.
CREATE TABLE {schema}.journal (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    version integer NOT NULL,
    partitions integer NOT NULL,
    bytes bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 10);

-- What was received. A row is never changed.
CREATE TABLE {schema}.entry (
    id bigint PRIMARY KEY,
    partition integer NOT NULL,
    app_id bigint NOT NULL,
    command text NOT NULL,
    query text NOT NULL,
    body bytea NOT NULL,
    received_at bigint NOT NULL,
    key text,
    identity text
);
CREATE SEQUENCE {schema}.entry_id;
-- To find repetitions. It is not unique: an identity may come again rightly after some time.
CREATE INDEX entry_identity ON {schema}.entry (hashtextextended(identity, 0)) WHERE identity IS NOT NULL;

-- The entries whose method has not succeeded yet. Every finished entry makes a dead row here, so it is vacuumed often.
CREATE TABLE {schema}.unfinished (
    id bigint PRIMARY KEY,
    partition integer NOT NULL,
    key text,
    attempts integer NOT NULL DEFAULT 0,
    due bigint,
    error text,
    suspected integer NOT NULL DEFAULT 0,
    is_in_hand boolean NOT NULL DEFAULT false,
    is_retried boolean NOT NULL DEFAULT false
) WITH (
    fillfactor = 60, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000,
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_cost_delay = 0
);
CREATE INDEX unfinished_key ON {schema}.unfinished (key, id);
CREATE INDEX unfinished_retried ON {schema}.unfinished (id) WHERE is_retried;

-- The dead letters. An entry that is in neither of the two is done.
CREATE TABLE {schema}.dead (
    id bigint PRIMARY KEY,
    attempts integer NOT NULL,
    error text,
    suspected integer NOT NULL,
    died_at bigint NOT NULL
);

-- Which feeding each partition belongs to; 0 for none. The right itself is an advisory lock of the session that feeds.
CREATE TABLE {schema}.owner (
    partition integer PRIMARY KEY,
    fence bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 10);
CREATE SEQUENCE {schema}.fence;

-- The feedings, with the process of the server that has the session, and when it was last heard from.
CREATE TABLE {schema}.worker (
    fence bigint PRIMARY KEY,
    pid integer NOT NULL,
    heard_at timestamptz NOT NULL
) WITH (fillfactor = 10);

-- Appends entries, one call at a time, so that ids are committed in their order: who reads up to an id has all below it.
-- An entry whose identity was received in the last `repetitions` milliseconds is not appended again.
CREATE FUNCTION {schema}.append(
    partitions integer[], app_ids bigint[], commands text[], queries text[], bodies bytea[], received_ats bigint[],
    keys text[], identities text[], repetitions bigint
) RETURNS TABLE (place bigint, id bigint) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM pg_advisory_xact_lock({class}, 2147483646);
    RETURN QUERY
    WITH given AS MATERIALIZED (
        SELECT g.*, (
            SELECT e.id FROM {schema}.entry e
            WHERE hashtextextended(e.identity, 0) = hashtextextended(g.identity, 0) AND e.identity = g.identity
                AND e.received_at > g.received_at - repetitions
            ORDER BY e.id LIMIT 1
        ) AS known
        FROM unnest(partitions, app_ids, commands, queries, bodies, received_ats, keys, identities)
            WITH ORDINALITY AS g (partition, app_id, command, query, body, received_at, key, identity, place)
        ORDER BY g.place
    ), fresh AS MATERIALIZED (
        SELECT nextval('{schema}.entry_id') AS id, f.* FROM (SELECT * FROM given WHERE known IS NULL ORDER BY place) f
    ), entries AS (
        INSERT INTO {schema}.entry (id, partition, app_id, command, query, body, received_at, key, identity)
        SELECT id, partition, app_id, command, query, body, received_at, key, identity FROM fresh
    ), to_do AS (
        INSERT INTO {schema}.unfinished (id, partition, key) SELECT id, partition, key FROM fresh
    ), size AS (
        UPDATE {schema}.journal SET bytes = bytes + (SELECT coalesce(sum({schema}.size_of(body, query)), 0) FROM fresh)
    )
    SELECT given.place, coalesce(given.known, fresh.id) FROM given LEFT JOIN fresh USING (place) ORDER BY given.place;
    PERFORM pg_notify('{channel}', '');
END $$;

-- The size of an entry: its texts, and about what rows and indexes take beside them.
CREATE FUNCTION {schema}.size_of(body bytea, query text) RETURNS bigint LANGUAGE sql IMMUTABLE AS
    'SELECT octet_length(body) + octet_length(query) + 400::bigint';

-- Goes on feeding: takes free partitions up to a fair share, and returns the partitions of this connection. `earlier` are
-- the earlier feedings of the same process. Entries that were in hand in an earlier feeding, or when the server ended, are
-- no suspects. The function ends a connection that has been silent for ten seconds, such as one of a process that hangs,
-- so that its locks are free.
CREATE FUNCTION {schema}.renew(fence_ bigint, earlier bigint[]) RETURNS TABLE (partition integer, is_surplus boolean)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    workers integer; fair integer; mine integer; taken integer; before bigint;
    ended integer[] := '{}'; own integer[] := '{}';
BEGIN
    INSERT INTO {schema}.worker VALUES (fence_, pg_backend_pid(), clock_timestamp())
    ON CONFLICT (fence) DO UPDATE SET heard_at = clock_timestamp();
    PERFORM pg_terminate_backend(w.pid) FROM {schema}.worker w JOIN pg_locks l ON l.pid = w.pid
    WHERE w.heard_at < clock_timestamp() - interval '10 s' AND w.pid <> pg_backend_pid() AND l.locktype = 'advisory'
        AND l.classid = {class}::oid AND l.objid = 2147483647::oid AND l.objsubid = 2;
    DELETE FROM {schema}.worker WHERE heard_at < clock_timestamp() - interval '1 minute';
    SELECT count(DISTINCT pid) INTO workers FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND classid = {class}::oid AND objid = 2147483647::oid AND objsubid = 2
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database());
    SELECT ceil(partitions::numeric / greatest(workers, 1)) INTO fair FROM {schema}.journal;
    SELECT count(*) INTO mine FROM {schema}.owner WHERE fence = fence_;
    FOR taken IN SELECT partition FROM {schema}.owner WHERE fence <> fence_ ORDER BY random() LOOP
        EXIT WHEN mine >= fair;
        IF pg_try_advisory_lock({class}, taken) THEN
            SELECT fence INTO before FROM {schema}.owner WHERE partition = taken FOR UPDATE;
            UPDATE {schema}.owner SET fence = fence_ WHERE partition = taken;
            -- A worker that was last heard before the server began may have ended with the server alone.
            IF before = ANY(earlier) OR EXISTS (
                SELECT 1 FROM {schema}.worker WHERE fence = before AND heard_at < pg_postmaster_start_time()
            ) THEN own := own || taken; ELSE ended := ended || taken; END IF;
            mine := mine + 1;
        END IF;
    END LOOP;
    IF cardinality(ended || own) > 0 THEN
        UPDATE {schema}.unfinished
        SET suspected = suspected + (CASE WHEN partition = ANY(ended) THEN 1 ELSE 0 END), is_in_hand = false
        WHERE is_in_hand AND partition = ANY(ended || own);
    END IF;
    RETURN QUERY SELECT o.partition, row_number() OVER (ORDER BY o.partition) > fair
    FROM {schema}.owner o WHERE o.fence = fence_ ORDER BY o.partition;
END $$;

-- Ends the feeding from a partition.
CREATE FUNCTION {schema}.give_up(fence_ bigint, partition_ integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE {schema}.owner SET fence = 0 WHERE fence = fence_ AND partition = partition_;
    PERFORM pg_advisory_unlock({class}, partition_);
END $$;

-- Writes down changes of entries; false, and no change, if one is in a partition of another feeding.
-- What a crash of the server loses of it is done again, so the commit does not wait for the disk.
CREATE FUNCTION {schema}.settle(
    fence_ bigint, now_ bigint, started bigint[], released bigint[], done bigint[],
    failed bigint[], failed_attempts integer[], failed_dues bigint[], failed_errors text[],
    died bigint[], died_attempts integer[], died_errors text[]
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    IF EXISTS (
        SELECT 1 FROM {schema}.unfinished u JOIN {schema}.owner o USING (partition)
        WHERE u.id = ANY(started || released || done || failed || died) AND o.fence <> fence_
    ) THEN
        RETURN false;
    END IF;
    IF cardinality(done) > 0 THEN
        DELETE FROM {schema}.unfinished WHERE id = ANY(done);
    END IF;
    IF cardinality(started) > 0 THEN
        UPDATE {schema}.unfinished SET is_in_hand = true WHERE id = ANY(started);
    END IF;
    IF cardinality(released) > 0 THEN
        UPDATE {schema}.unfinished SET is_in_hand = false WHERE id = ANY(released);
    END IF;
    IF cardinality(failed) > 0 THEN
        UPDATE {schema}.unfinished u SET is_in_hand = false, attempts = f.attempts, due = f.due, error = f.error
        FROM unnest(failed, failed_attempts, failed_dues, failed_errors) AS f (id, attempts, due, error)
        WHERE u.id = f.id;
    END IF;
    IF cardinality(died) > 0 THEN
        WITH gone AS (
            DELETE FROM {schema}.unfinished u USING unnest(died, died_attempts, died_errors) AS d (id, attempts, error)
            WHERE u.id = d.id RETURNING u.id, d.attempts, d.error, u.suspected
        )
        INSERT INTO {schema}.dead SELECT id, attempts, error, suspected, now_ FROM gone;
    END IF;
    RETURN true;
END $$;

-- Finishes an entry within the transaction of the caller, who does the work of its method in the same transaction. False
-- if the entry is finished already: then the work is done. Another transaction that finishes it meanwhile is waited for.
CREATE FUNCTION {schema}.finish(id_ bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM {schema}.unfinished WHERE id = id_;
    RETURN FOUND;
END $$;

-- Makes finished entries unfinished again; returns how many.
CREATE FUNCTION {schema}.retry(ids bigint[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE changed bigint;
BEGIN
    INSERT INTO {schema}.unfinished (id, partition, key, is_retried)
    SELECT e.id, e.partition, e.key, true FROM {schema}.entry e WHERE e.id = ANY(ids) ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS changed = ROW_COUNT;
    DELETE FROM {schema}.dead WHERE id = ANY(ids);
    RETURN changed;
END $$;

-- Removes entries; returns how many.
CREATE FUNCTION {schema}.discard(ids bigint[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE removed bigint; size bigint;
BEGIN
    DELETE FROM {schema}.unfinished WHERE id = ANY(ids);
    DELETE FROM {schema}.dead WHERE id = ANY(ids);
    WITH gone AS (DELETE FROM {schema}.entry WHERE id = ANY(ids) RETURNING {schema}.size_of(body, query) AS size)
    SELECT count(*), coalesce(sum(gone.size), 0) INTO removed, size FROM gone;
    UPDATE {schema}.journal SET bytes = bytes - size WHERE size > 0;
    RETURN removed;
END $$;

-- Removes at most 1,000 entries that are done and were received before `done_before`, and as many dead letters that died
-- before `dead_before`. Entries are nearly in the order of their times: the first that is younger ends the search.
CREATE FUNCTION {schema}.prune(done_before bigint, dead_before bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE young bigint;
BEGIN
    SELECT id INTO young FROM {schema}.entry WHERE received_at >= done_before ORDER BY id LIMIT 1;
    RETURN {schema}.discard(ARRAY(
        SELECT e.id FROM {schema}.entry e
        WHERE (young IS NULL OR e.id < young)
            AND NOT EXISTS (SELECT 1 FROM {schema}.unfinished u WHERE u.id = e.id)
            AND NOT EXISTS (SELECT 1 FROM {schema}.dead d WHERE d.id = e.id)
        ORDER BY e.id LIMIT 1000
    ) || ARRAY(SELECT d.id FROM {schema}.dead d WHERE d.died_at < dead_before ORDER BY d.id LIMIT 1000));
END $$;
