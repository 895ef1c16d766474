create table inf(id int primary key, d date, ts timestamp, ts3 timestamp(3), tsz timestamptz, r daterange);
create table num(id int primary key, n numeric, n4 numeric(4,2), f float4, g float8);
