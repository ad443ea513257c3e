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
    key text COLLATE "C",
    identity text COLLATE "C"
);
CREATE SEQUENCE {schema}.entry_id;

-- The identities of the entries that a worker has taken, to find repetitions.
CREATE TABLE {schema}.identity (
    hash bigint,
    id bigint,
    PRIMARY KEY (hash, id)
);

-- The entries that a worker has taken and whose method has not succeeded yet. Every finished entry makes a dead row here,
-- so it is vacuumed often.
CREATE TABLE {schema}.taken (
    id bigint PRIMARY KEY,
    partition integer NOT NULL,
    key text COLLATE "C",
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
CREATE INDEX taken_key ON {schema}.taken (key, id);
CREATE INDEX taken_retried ON {schema}.taken (id) WHERE is_retried;

-- The dead letters.
CREATE TABLE {schema}.dead (
    id bigint PRIMARY KEY,
    attempts integer NOT NULL,
    error text,
    suspected integer NOT NULL,
    died_at bigint NOT NULL
);

-- Which feeding each partition belongs to; 0 for none. The right itself is an advisory lock of the connection that feeds.
-- The entries of the partition are taken up to the id `taken_to`.
CREATE TABLE {schema}.owner (
    partition integer PRIMARY KEY,
    fence bigint NOT NULL DEFAULT 0,
    taken_to bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 10);
CREATE SEQUENCE {schema}.fence;

-- The feedings, with the process of the server that has the session, and when it was last heard from.
CREATE TABLE {schema}.worker (
    fence bigint PRIMARY KEY,
    pid integer NOT NULL,
    heard_at timestamptz NOT NULL
) WITH (fillfactor = 10);

-- The entries whose method has not succeeded yet: those that are taken, and those that are not taken yet. An entry that is
-- neither here nor a dead letter is done.
CREATE VIEW {schema}.unfinished AS
    SELECT id, partition, key, attempts, due, error, suspected FROM {schema}.taken
    UNION ALL
    SELECT id, partition, key, 0, NULL::bigint, NULL::text, 0 FROM {schema}.entry e
    WHERE id > (SELECT min(taken_to) FROM {schema}.owner)
        AND id > (SELECT o.taken_to FROM {schema}.owner o WHERE o.partition = e.partition);

-- Appends entries, and returns the id before the first of them. It runs in one transaction at a time, so that ids are
-- committed in their order: who reads up to an id has all below it. It writes as little as it can, since all receivers
-- wait here: what is to be done with an entry is written by the worker that takes it.
CREATE FUNCTION {schema}.append(
    partitions integer[], app_ids bigint[], commands text[], queries text[], bodies bytea[], received_ats bigint[],
    keys text[], identities text[], bytes_ bigint
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE before bigint;
BEGIN
    PERFORM pg_advisory_xact_lock({class}, 2147483646);
    before := nextval('{schema}.entry_id') - 1;
    PERFORM setval('{schema}.entry_id', before + cardinality(app_ids));
    INSERT INTO {schema}.entry (id, partition, app_id, command, query, body, received_at, key, identity)
    SELECT before + g.place, g.partition, g.app_id, g.command, g.query, g.body, g.received_at, g.key, g.identity
    FROM unnest(partitions, app_ids, commands, queries, bodies, received_ats, keys, identities)
        WITH ORDINALITY AS g (partition, app_id, command, query, body, received_at, key, identity, place);
    UPDATE {schema}.journal SET bytes = bytes + bytes_;
    PERFORM pg_notify('{channel}', '');
    RETURN before;
END $$;

-- The size of an entry: its texts, and about what rows and indexes take beside them.
CREATE FUNCTION {schema}.size_of(body bytea, query text) RETURNS bigint LANGUAGE sql IMMUTABLE AS
    'SELECT octet_length(body) + octet_length(query) + {overhead}::bigint';

-- Takes the entries of a feeding's partitions, unless there are `enough` with an id of `from_` or more that are taken and
-- not finished. It looks at so many entries of all partitions, and removes repetitions: an entry with the identity of one
-- that was received at most `repetitions` milliseconds before. Returns up to which id the partitions are taken, and
-- whether there may be more to take.
CREATE FUNCTION {schema}.take(fence_ bigint, from_ bigint, enough bigint, number bigint, repetitions bigint)
RETURNS TABLE (taken_to bigint, is_more boolean) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE low bigint; high bigint; looked_at bigint; repeated bigint[];
BEGIN
    SELECT min(taken_to) INTO low FROM {schema}.owner WHERE fence = fence_;
    IF enough <= (SELECT count(*) FROM (
        SELECT 1 FROM {schema}.taken t JOIN {schema}.owner o USING (partition)
        WHERE o.fence = fence_ AND t.id >= from_ AND t.id <= low LIMIT enough
    ) known) THEN
        RETURN QUERY SELECT low, false;
        RETURN;
    END IF;
    SELECT max(id), count(*) INTO high, looked_at
    FROM (SELECT id FROM {schema}.entry WHERE id > low ORDER BY id LIMIT number) next;
    IF high IS NULL THEN
        RETURN QUERY SELECT low, false;
        RETURN;
    END IF;
    -- What a crash of the server loses of this is done again.
    PERFORM set_config('synchronous_commit', 'off', true);
    WITH given AS MATERIALIZED (
        SELECT e.id, e.partition, e.key, e.identity, hashtextextended(e.identity, 0) AS hash, e.received_at
        FROM {schema}.entry e JOIN {schema}.owner o USING (partition)
        WHERE e.id > low AND e.id <= high AND o.fence = fence_ AND e.id > o.taken_to
    ), looked_up AS MATERIALIZED (
        SELECT g.*, EXISTS (
            SELECT FROM {schema}.identity i JOIN {schema}.entry e USING (id)
            WHERE i.hash = g.hash AND i.id < g.id
                AND e.identity = g.identity AND e.received_at > g.received_at - repetitions
        ) AS is_known FROM given g
    ), checked AS MATERIALIZED (
        SELECT l.*, NOT l.is_known AND (
            l.identity IS NULL OR row_number() OVER same = 1
            OR l.received_at >= first_value(l.received_at) OVER same + repetitions
        ) AS is_first
        FROM looked_up l WINDOW same AS (PARTITION BY l.is_known, l.identity ORDER BY l.id)
    ), identities AS (
        INSERT INTO {schema}.identity (hash, id) SELECT hash, id FROM checked WHERE is_first AND hash IS NOT NULL
    ), to_do AS (
        INSERT INTO {schema}.taken (id, partition, key) SELECT id, partition, key FROM checked WHERE is_first
    )
    SELECT array_agg(id) INTO repeated FROM checked WHERE NOT is_first;
    IF repeated IS NOT NULL THEN
        PERFORM {schema}.discard(repeated);
    END IF;
    UPDATE {schema}.owner SET taken_to = high WHERE fence = fence_ AND taken_to < high;
    RETURN QUERY SELECT high, looked_at = number;
END $$;

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
        UPDATE {schema}.taken
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
        SELECT 1 FROM {schema}.taken u JOIN {schema}.owner o USING (partition)
        WHERE u.id = ANY(started || released || done || failed || died) AND o.fence <> fence_
    ) THEN
        RETURN false;
    END IF;
    IF cardinality(done) > 0 THEN
        DELETE FROM {schema}.taken WHERE id = ANY(done);
    END IF;
    IF cardinality(started) > 0 THEN
        UPDATE {schema}.taken SET is_in_hand = true WHERE id = ANY(started);
    END IF;
    IF cardinality(released) > 0 THEN
        UPDATE {schema}.taken SET is_in_hand = false WHERE id = ANY(released);
    END IF;
    IF cardinality(failed) > 0 THEN
        UPDATE {schema}.taken u SET is_in_hand = false, attempts = f.attempts, due = f.due, error = f.error
        FROM unnest(failed, failed_attempts, failed_dues, failed_errors) AS f (id, attempts, due, error)
        WHERE u.id = f.id;
    END IF;
    IF cardinality(died) > 0 THEN
        WITH gone AS (
            DELETE FROM {schema}.taken u USING unnest(died, died_attempts, died_errors) AS d (id, attempts, error)
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
    DELETE FROM {schema}.taken WHERE id = id_;
    RETURN FOUND;
END $$;

-- Makes finished entries unfinished again; returns how many.
CREATE FUNCTION {schema}.retry(ids bigint[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE changed bigint;
BEGIN
    INSERT INTO {schema}.taken (id, partition, key, is_retried)
    SELECT e.id, e.partition, e.key, true FROM {schema}.entry e JOIN {schema}.owner o USING (partition)
    WHERE e.id = ANY(ids) AND e.id <= o.taken_to ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS changed = ROW_COUNT;
    DELETE FROM {schema}.dead WHERE id = ANY(ids);
    RETURN changed;
END $$;

-- Removes entries; returns how many.
CREATE FUNCTION {schema}.discard(ids bigint[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE removed bigint; size bigint;
BEGIN
    DELETE FROM {schema}.taken WHERE id = ANY(ids);
    DELETE FROM {schema}.dead WHERE id = ANY(ids);
    WITH gone AS (
        DELETE FROM {schema}.entry WHERE id = ANY(ids)
        RETURNING id, hashtextextended(identity, 0) AS hash, {schema}.size_of(body, query) AS size
    ), known AS (
        DELETE FROM {schema}.identity i USING gone g WHERE i.hash = g.hash AND i.id = g.id
    )
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
            AND e.id <= (SELECT o.taken_to FROM {schema}.owner o WHERE o.partition = e.partition)
            AND NOT EXISTS (SELECT 1 FROM {schema}.taken t WHERE t.id = e.id)
            AND NOT EXISTS (SELECT 1 FROM {schema}.dead d WHERE d.id = e.id)
        ORDER BY e.id LIMIT 1000
    ) || ARRAY(SELECT d.id FROM {schema}.dead d WHERE d.died_at < dead_before ORDER BY d.id LIMIT 1000));
END $$;
