-- What people decided. An act is what somebody did at one time: it decides pairs of records, or pins a value. Records are named by their keys, so that a decision
-- outlives them, and holds again when they come back.
create table mdm.act (
    id bigint generated always as identity primary key,
    kind text not null,
    verb text not null check (verb in ('same', 'distinct', 'merge', 'split', 'pin', 'unpin', 'undo')),
    by_whom text not null,
    why text not null default '',
    at timestamptz not null default now(),
    -- The act that took it back: in force are those without one.
    undone_by bigint references mdm.act
);

create table mdm.decided_pair (
    act_id bigint not null references mdm.act,
    kind text not null,
    source text not null,
    source_id text not null,
    other_source text not null,
    other_id text not null,
    same boolean not null,
    primary key (act_id, source, source_id, other_source, other_id)
);
create index decided_pair_one on mdm.decided_pair (kind, source, source_id);
create index decided_pair_other on mdm.decided_pair (kind, other_source, other_id);

-- A value that stays whatever the sources say, for the golden record that the record is in.
create table mdm.pin (
    act_id bigint primary key references mdm.act,
    kind text not null,
    source text not null,
    source_id text not null,
    attribute text not null,
    value json,
    until timestamptz
);
create index pin_record on mdm.pin (kind, source, source_id);
