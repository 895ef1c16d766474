-- Dates and times as structs: every precision, limits, nulls, arrays, domains, keys and defaults.
create domain day as date; create domain moment as timestamp(2); create domain hour as time(1) not null default '10:00';
create table times(id int primary key, d date, t time, t0 time(0), t3 time(3), tz timetz, tz3 timetz(3), ts timestamp, ts0 timestamp(0), ts3 timestamp(3), tsz timestamptz, tsz0 timestamptz(0), tsz3 timestamptz(3), iv interval);
create table required(id int primary key, d date not null, t time not null, tz timetz not null, ts timestamp(3) not null, tsz timestamptz not null);
create table arrays(id int primary key, ad date[], at time[], atz timetz[], ats timestamp[], ats3 timestamp(3)[], atsz timestamptz[] not null);
create table domains(id int primary key, d day, m moment, h hour);
create table keys(d date, ts timestamp(3), tsz timestamptz, primary key (d, ts, tsz));
create table defaults(id int primary key, d date default '2020-01-01', dn date not null default '2020-02-03', df date not null default current_date, t time default '10:00', tn time(3) not null default '10:00:00.5', tf time not null default localtime,
  tz timetz default '10:00+01', tzn timetz not null default '10:00+01', ts timestamp default '2020-01-01 10:00:00.25', tsn timestamp(3) not null default '2020-01-01 10:00', tsf timestamp not null default localtimestamp,
  tsz timestamptz default '2020-01-01 10:00:00.5+02', tszn timestamptz(3) not null default '2020-01-01 10:00Z', tszf timestamptz not null default now(), ti timestamp default 'infinity', di date default '-infinity', zi timestamptz not null default 'infinity');
alter table times replica identity full; alter table defaults replica identity full;
