-- What a wrong answer about a record costs: how often it came anew, and the open orders that name it.
alter table mdm.record add column changes bigint not null default 0;
create table mdm.open_order (
    source text not null,
    order_id text not null,
    kind text not null,
    source_id text not null,
    primary key (source, order_id, kind, source_id)
);
create index open_order_names on mdm.open_order (kind, source, source_id);
