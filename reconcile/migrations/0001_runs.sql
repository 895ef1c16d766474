create schema if not exists reconcile;

create table reconcile.run (
    id bigint generated always as identity primary key,
    name text not null,
    object text not null,
    source text not null,
    target text not null,
    started_at timestamptz not null,
    finished_at timestamptz not null,
    outcome text not null,
    message text,
    source_records bigint not null,
    target_records bigint not null,
    equal bigint not null,
    within_tolerance bigint not null,
    settled bigint not null,
    moving bigint not null,
    unexamined bigint not null,
    left_over bigint not null,
    reports text[] not null default '{}'
);
create index run_by_name on reconcile.run (name, started_at desc);

create table reconcile.difference (
    run bigint not null references reconcile.run on delete cascade,
    key text not null,
    origin_source text,
    origin_id text,
    kind text not null,
    cause text not null,
    reason text,
    fields jsonb not null,
    repair text,
    repaired boolean not null,
    primary key (run, key)
);
-- "Since when does this record differ?"
create index difference_by_key on reconcile.difference (key, run);

create table reconcile.schedule (
    name text primary key,
    due timestamptz not null
);
