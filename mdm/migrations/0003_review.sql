-- What a person is asked. A question is about two records, or about one golden record, which its first record stands for.
create table mdm.review (
    id bigint generated always as identity primary key,
    kind text not null,
    one bigint not null,
    other bigint check (one < other),
    reason text not null check (reason in ('doubt', 'refused', 'vetoed', 'conflict')),
    bits real,
    note text not null default '',
    -- What a wrong answer costs; the weights are settings.
    cost numeric not null,
    -- What it costs to leave it unanswered: the cost, by how open the question is. A pair that is as likely equal as not is wholly open, and so is what speaks against itself.
    worth double precision not null generated always as (cost::double precision * case when reason = 'doubt' then 2 / (1 + power(2::double precision, least(abs(bits), 200)::double precision)) else 1 end) stored,
    since timestamptz not null default now(),
    claimed_by text,
    claimed_until timestamptz,
    check ((claimed_by is null) = (claimed_until is null)),
    check (reason <> 'doubt' or bits is not null),
    check ((other is null) = (reason = 'conflict'))
);
create unique index review_question on mdm.review (kind, one, coalesce(other, 0), reason);
create index review_other on mdm.review (other) where other is not null;
create index review_one on mdm.review (one);
create index review_worth on mdm.review (kind, worth desc, id);

-- The acts that one takes back: undo its one, a pin or unpin the pins before. Of an act that is taken back itself they come back.
alter table mdm.act add took bigint[] not null default '{}';

-- What became of records by an act: how history and undo tell it.
create table mdm.moved (
    act_id bigint not null references mdm.act,
    source text not null,
    source_id text not null,
    from_id bigint,
    to_id bigint not null,
    primary key (act_id, source, source_id)
);

create index pin_until on mdm.pin (until) where until is not null;

-- What a person finds a record by: words of letters and digits.
alter table mdm.record add words text not null default '';
update mdm.record set words = label || ' ' || source_id where golden_id is not null;
create index record_words on mdm.record using gin (to_tsvector('simple', words)) with (gin_pending_list_limit = 256) where golden_id is not null;
