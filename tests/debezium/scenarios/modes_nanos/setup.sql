create extension if not exists hstore;
create table modes(id int primary key, n numeric, n10_2 numeric(10,2) not null default 1.5, n5_m2 numeric(5,-2), m money, d date, t time, t0 time(0), t3 time(3), tz timetz, ts timestamp, ts0 timestamp(0), ts3 timestamp(3) default '2020-01-01 00:00:00.5', tsz timestamptz, iv interval, b bytea default '\x0102', h hstore, an numeric(8,3)[], ad date[], ats timestamp[], atz timestamptz[], at_ time[], ab bytea[], av numeric[], r tsrange);
alter table modes replica identity full;
