-- What matching by likeness learnt, by object, and the rule file it learnt it for.
create table mdm.model (
    kind text primary key,
    rules text not null,
    records bigint not null,
    learnt_at timestamptz not null default now(),
    weights json not null,
    statistics bytea not null
);

-- The values of blocking keys, as numbers; which object and which key they are of is mixed in.
create table mdm.block_key (
    key bigint not null,
    record_id bigint not null,
    primary key (key, record_id)
);

create table mdm.record_keys (
    record_id bigint primary key references mdm.record,
    keys bigint[] not null
);

-- Pairs of records that a key brought together and whose score is worth a look at least. The smaller number comes first.
create table mdm.edge (
    kind text not null,
    one bigint not null references mdm.record,
    other bigint not null references mdm.record,
    bits real not null,
    levels bigint not null,
    primary key (one, other)
);
create index edge_other on mdm.edge (other);

-- Counts the transactions that changed records: who kept some in memory sees by it that others changed them.
create table mdm.turn (
    singleton boolean primary key default true check (singleton),
    changes bigint not null default 0
);
insert into mdm.turn default values;
