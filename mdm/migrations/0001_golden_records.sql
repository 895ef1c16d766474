create schema if not exists mdm;

-- The newest version of every canonical record; body is null once the source has dropped it, so that a late older version is still known to be late.
create table mdm.record (
    id bigint generated always as identity primary key,
    kind text not null,
    source text not null,
    source_id text not null,
    version text not null,
    committed_at timestamptz not null,
    label text not null,
    body json,
    golden_id bigint,
    unique (kind, source, source_id)
);
create index record_golden on mdm.record (golden_id) where golden_id is not null;

create table mdm.match_key (
    kind text not null,
    key text not null,
    record_id bigint not null references mdm.record,
    primary key (kind, key, record_id)
);
create index match_key_record on mdm.match_key (record_id);

create sequence mdm.golden_id;

create table mdm.golden (
    id bigint primary key,
    kind text not null,
    members integer not null,
    body json not null,
    changed_at timestamptz not null default now()
);
create index golden_kind on mdm.golden (kind, members);

create table mdm.redirect (
    from_id bigint primary key,
    to_id bigint not null,
    kind text not null,
    at timestamptz not null default now()
);
create index redirect_to on mdm.redirect (to_id);

create table mdm.progress (
    topic text not null,
    partition integer not null,
    next_offset bigint not null,
    primary key (topic, partition)
);

-- What golden and xref topics have yet to get. One transaction at a time writes it (mdm's lock), so the ids grow in the order of commits.
create table mdm.outbox (
    id bigint generated always as identity primary key,
    topic text not null,
    source text not null,
    source_id text not null,
    body json,
    committed_at timestamptz not null,
    correlation_id text not null
);

create table mdm.ruleset (
    singleton boolean primary key default true check (singleton),
    fingerprint text not null
);

-- Names the group that reads for this store: one made anew, or restored from before what the log has seen, reads the topics from the beginning.
create table mdm.reader (
    singleton boolean primary key default true check (singleton),
    name text not null default 'mdm-' || left(md5(random()::text || clock_timestamp()::text), 8)
);
insert into mdm.reader default values;
