create schema registry;

-- One row a distinct schema: the same text has one id under every subject.
create table registry.schema(
  id integer primary key,
  text text not null,
  refs jsonb not null default '[]',
  text_hash text not null generated always as (md5(text || refs::text)) stored unique
);

create table registry.version(
  subject text not null,
  version integer not null,
  schema_id integer not null references registry.schema,
  deleted boolean not null default false,
  primary key (subject, version)
);
create index version_by_schema on registry.version(schema_id);

-- Subject '' is the global setting.
create table registry.setting(
  subject text primary key,
  compatibility text,
  mode text,
  normalize boolean
);
