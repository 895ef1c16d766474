-- What somebody wants to wait: a source, or one of its tables.
create table capture.pause(
  source text not null,
  "table" text not null,              -- schema.name; '' for the whole source
  by text not null,
  at timestamptz not null,
  why text,
  primary key (source, "table"));
