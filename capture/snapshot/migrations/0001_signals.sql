-- Signals for sources, from whatever channel. A source remembers the number of the last one it took with its place in the log.
create schema if not exists capture;

create table capture.signal(
  number bigint generated always as identity primary key,
  source text not null,
  channel text not null,              -- command, http, file, kafka
  reference text not null,            -- where in the channel: the same one is kept once
  id text not null,
  type text not null,
  data text,
  at timestamptz not null default now(),
  unique (source, channel, reference));

create index signal_by_source on capture.signal(source, number);
