create schema delivery;

-- What each target has of each key. Versions are 32 bytes, commit then change, big-endian: bytes order as positions do.
-- Every delivery updates its row three times in place: room on the page keeps these updates out of the indexes.
create table delivery.ledger (
    target text not null,
    object text not null,
    source text not null,
    id text not null,
    seen bytea not null,             -- newest version read from the log
    intent bytea,                    -- version that is being sent, or was when the process ended
    intent_key text,                 -- its key at the target
    intent_owner text,               -- the worker, or one repair
    intent_at timestamptz,
    delivered bytea,                 -- version the target confirmed last
    delivered_offset bigint,         -- its offset in the log; null for a repair
    delivered_at timestamptz,
    fingerprint bytea,               -- hash of what was delivered, without version and times
    gone boolean not null default false,
    target_key text,
    target_id text,
    parked bytea,                    -- newest version that is a dead letter
    primary key (target, object, source, id)
) with (fillfactor = 60);
create index ledger_target_key on delivery.ledger (target, object, target_key) where target_key is not null;

create table delivery.dead_letter (
    letter bigint generated always as identity primary key,
    target text not null,
    object text not null,
    source text not null,
    id text not null,
    version bytea not null,
    state text not null check (state in ('parked', 'replay', 'resolved', 'dropped')),
    class text not null,
    reason text not null,
    response text,
    attempts int not null,
    payload text,                    -- the object as JSON; null for a delete
    committed_at timestamptz not null,
    correlation_id text not null,
    log_place text,
    parked_at timestamptz not null default now(),
    closed_at timestamptz,
    unique (target, object, source, id, version)
);
create index dead_letter_open on delivery.dead_letter (target, state) where state in ('parked', 'replay');

create table delivery.status (
    target text primary key,
    seen_at timestamptz not null default now(),
    caught_up boolean not null,
    waiting bigint not null,
    in_flight int not null,
    oldest_waiting_at timestamptz,
    delivered bigint not null,
    stale bigint not null,
    coalesced bigint not null,
    calls bigint not null,
    breaker text not null,
    paused_until timestamptz,
    problem text
);
