create schema log;

create table log.topic (
    id int generated always as identity primary key,
    name text not null unique,
    compact boolean not null,
    retention interval
);

-- The head of a partition: an append locks it until its commit, so offsets are dense and the order of offsets is the order of commits.
-- Rewritten at every append: room on the page keeps those updates inside it.
create table log.partition (
    id int generated always as identity primary key,
    topic int not null references log.topic,
    number int not null,
    next bigint not null default 0,
    unique (topic, number)
) with (fillfactor = 20);

-- What maintenance knows of a partition; apart from the head, so that it never waits for an append nor an append for it.
create table log.upkeep (
    partition int primary key references log.partition,
    first bigint not null default 0,            -- nothing is left before it
    clean bigint not null default 0,            -- compacted up to here
    kept bigint not null default 0,             -- records that compaction left before 'clean'
    grace_offset bigint not null default 0,     -- tombstones before it may go once 'grace_at' is old enough
    grace_at timestamptz not null default now()
);

-- Widest-aligned columns first: a row then has no padding. No foreign key: it would be checked for every record.
create table log.record (
    "offset" bigint not null,
    ts bigint not null,
    partition int not null,
    key bytea,
    value bytea,
    headers bytea,
    primary key (partition, "offset")
);
-- Large values go out of line as they are: compressing them again and again costs more than the disk they would save.
alter table log.record alter column value set storage external;

create table log.producer (
    name text primary key,
    epoch bigint not null,
    position text,
    state text,
    at timestamptz,
    backend int not null,
    backend_start timestamptz not null
) with (fillfactor = 50);

create table log.place (
    "group" text not null,
    partition int not null references log.partition,
    next bigint not null,
    at timestamptz not null default now(),
    primary key ("group", partition)
) with (fillfactor = 50);

-- Makes a topic, or brings the settings of an existing one up to date. Only a change writes: every process ensures every topic at its start.
create function log.ensure_topic(topic_name text, partitions int, compacted boolean, keep interval, update_existing boolean) returns void language plpgsql as $$
declare
    topic_id int;
begin
    if not exists (select from log.topic where name = topic_name) then
        insert into log.topic(name, compact, retention) values (topic_name, compacted, keep) on conflict do nothing returning id into topic_id;
    end if;
    if topic_id is not null then
        with heads as (insert into log.partition(topic, number) select topic_id, number from generate_series(0, partitions - 1) number returning id)
        insert into log.upkeep(partition) select id from heads;
        perform pg_notify('cdcsync_log', '*');
    elsif update_existing then
        update log.topic set compact = compacted, retention = keep where name = topic_name and (compact <> compacted or retention is distinct from keep);
    end if;
end $$;

-- Takes all the session locks, or none when one of them is not to be had in time. The wait holds a snapshot, so callers wait in short turns: a snapshot held for
-- days would keep vacuum from its work in the whole database.
create function log.take(keys bigint[], patience interval) returns boolean language plpgsql as $$
declare
    taken int := 0;
    lock_key bigint;
begin
    begin
        perform set_config('lock_timeout', ceil(extract(epoch from patience) * 1000)::bigint || 'ms', true);
        foreach lock_key in array keys loop
            perform pg_advisory_lock(lock_key);
            taken := taken + 1;
        end loop;
        return true;
    exception when lock_not_available then
        for i in 1 .. taken loop perform pg_advisory_unlock(keys[i]); end loop;
        return false;
    end;
end $$;

-- For people who look with SQL.
create view log.records as
    select t.name as topic, p.number as partition, r."offset", to_timestamp(r.ts / 1000.0) as at, r.key, r.value, r.headers
    from log.record r join log.partition p on p.id = r.partition join log.topic t on t.id = p.topic;

create view log.lag as
    select c."group", t.name as topic, p.number as partition, c.next as committed, p.next as head, p.next - c.next as lag, c.at
    from log.place c join log.partition p on p.id = c.partition join log.topic t on t.id = p.topic;
