-- The ERP of the demo: a distributor's system as they were written in the nineties. Short upper-case names, char(n) padded with blanks, 0/1 and 'Y' flags,
-- dates as numbers with 99991231 for "never", prices by customer group, rows that are deleted by a flag. The same data at every start.
create table "CUSMAS"(
  "CUSNO" char(8) primary key, "CUSNAM" char(40) not null, "STREET" char(35) not null, "CITY" char(25) not null, "ZIP" char(10) not null, "CTRY" char(2) not null,
  "TAXNO" char(20) not null default '', "EMAIL" char(60) not null default '', "PHONE" char(20) not null default '', "PRCGRP" char(2) not null default '',
  "CRLIM" numeric(11,2) not null default 0, "HOLDFL" char(1) not null default '', "DELFL" numeric(1) not null default 0, "CRTDAT" numeric(8) not null);
create table "ITMMAS"(
  "ITMNO" char(15) primary key, "ITMDSC" char(40) not null, "ITMDS2" char(40) not null default '', "UOM" char(3) not null, "EANCOD" char(14) not null default '',
  "WEIGHT" numeric(9,3) not null default 0, "ITMCLS" char(6) not null, "DISCFL" numeric(1) not null default 0, "DELFL" numeric(1) not null default 0);
create table "PRCLST"(
  "ITMNO" char(15) not null, "PRCGRP" char(2) not null, "CURR" char(3) not null, "VALFRM" numeric(8) not null, "VALTO" numeric(8) not null default 99991231,
  "PRICE" numeric(11,4) not null, "MINQTY" numeric(9,2) not null default 0, primary key ("ITMNO", "PRCGRP", "VALFRM"));
create table "ORDHDR"(
  "ORDNO" numeric(9) primary key, "CUSNO" char(8) not null, "ORDDAT" numeric(8) not null, "CUSPO" char(20) not null default '', "STAT" char(1) not null default 'N',
  "WHSE" char(3) not null, "DLVDAT" numeric(8) not null default 99991231);
create table "ORDLIN"(
  "ORDNO" numeric(9) not null, "LINNO" numeric(4) not null, "ITMNO" char(15) not null, "QTYORD" numeric(11,2) not null, "QTYSHP" numeric(11,2) not null default 0,
  "UNTPRC" numeric(11,4) not null, primary key ("ORDNO", "LINNO"));

create function pick(words text[], n bigint) returns text language sql immutable as $$ select words[1 + mod(abs(n), array_length(words, 1))] $$;

insert into "CUSMAS"
select to_char(c.n, 'FM00000000'), upper(c.name), upper(c.street), upper(c.city), c.zip, 'US',
       case when n % 3 = 0 then format('%s-%s', to_char(10 + n % 89, 'FM00'), to_char(n * 7919 % 10000000, 'FM0000000')) else '' end,
       case when n % 3 = 1 then format('orders%s@%s.example', n, lower(replace(pick(array['Harbor','Summit','Prairie','Cascade','Liberty','Granite','Maple','Keystone'], n), ' ', ''))) else '' end,
       format('(%s) 555-%s', 201 + n % 700, to_char(n % 10000, 'FM0000')), pick(array['A ','B ','C ','  '], n), (n % 50) * 1000, case when n % 97 = 0 then 'Y' else '' end,
       case when n % 211 = 0 then 1 else 0 end, 19980101 + (n % 28)
from (
  select n,
         format('%s %s %s %s', pick(array['Harbor','Summit','Prairie','Cascade','Liberty','Granite','Maple','Keystone','Pioneer','Redwood','Lakeside'], n),
                pick(array['Tool','Supply','Electric','Plumbing','Hardware','Industrial','Marine'], n / 11), n, pick(array['Inc','LLC','Corp','Ltd'], n / 7)) as name,
         format('%s %s %s', 1 + n * 37 % 9800, pick(array['Oak','Canal','Market','Front','Mill','River','Pine'], n / 3), pick(array['Street','Avenue','Road','Boulevard'], n)) as street,
         pick(array['Dayton','Toledo','Albany','Tucson','Omaha','Tacoma','Durham','Mobile'], n) as city, to_char(10000 + n * 131 % 89999, 'FM00000') as zip
  from generate_series(1, 5000) n) c;

-- A hundred of them were entered a second time, years later, by somebody who did not look.
insert into "CUSMAS"
select to_char(90000000 + row_number() over (order by "CUSNO"), 'FM00000000'), replace(replace(replace(trim("CUSNAM"), ' INC', ', INC.'), ' LLC', ' L.L.C.'), ' CORP', ' CORPORATION'),
       replace(replace(trim("STREET"), ' STREET', ' ST.'), ' AVENUE', ' AVE'), "CITY", "ZIP", "CTRY", replace("TAXNO", '-', ''), "EMAIL", '', "PRCGRP", 0, '', 0, 20150601
from "CUSMAS" where "CUSNO"::int % 50 = 7 and "DELFL" = 0;

insert into "ITMMAS"
select format('A-%s', to_char(n, 'FM00000')), upper(format('%s %s %s', pick(array['Hex bolt','Ball valve','Cable tie','LED lamp','Ladder','Drill bit','Work glove','Pipe clamp'], n), n % 64 + 1,
              pick(array['mm','inch','pack','set'], n / 8))), pick(array['ZINC PLATED','STAINLESS','HEAVY DUTY',''], n), pick(array['EA ','BX ','PK '], n), ean.code, (n % 400) / 8.0,
       pick(array['FAST  ','VALVE ','ELEC  ','TOOLS '], n), case when n % 83 = 0 then 1 else 0 end, case when n % 307 = 0 then 1 else 0 end
from generate_series(1, 2000) n,
  lateral (select '0123456' || to_char(n, 'FM00000') as base) b,
  lateral (select base || mod(10 - mod((select sum(substr(base, i, 1)::int * case when i % 2 = 0 then 3 else 1 end) from generate_series(1, 12) i), 10), 10) as code) ean;

insert into "PRCLST"
select "ITMNO", g.grp, 'USD', 20200101, 99991231, round((substr("ITMNO", 3)::int % 900 + 3) * g.factor / 7, 4), 0
from "ITMMAS", (values ('', 1.0), ('A', 0.92), ('B', 0.88), ('C', 0.81)) g(grp, factor);
insert into "PRCLST" select "ITMNO", '', 'USD', 20100101, 20191231, 1.0000, 0 from "ITMMAS" where substr("ITMNO", 3)::int % 10 = 0;

insert into "ORDHDR"
select n, to_char(1 + n * 31 % 5000, 'FM00000000'), 20240100 + n % 28 + 1, format('PO-%s', n * 17), pick(array['N','P','S','C'], n), pick(array['NYC','CHI','LAX'], n), 99991231 from generate_series(1, 1500) n;
insert into "ORDLIN"
select n, l, format('A-%s', to_char(1 + (n * 13 + l * 101) % 2000, 'FM00000')), 1 + (n + l) % 20, case when n % 4 = 2 then 1 + (n + l) % 20 else 0 end, round((n % 90 + l)::numeric / 3, 4)
from generate_series(1, 1500) n, generate_series(1, 3) l;

-- The log must say to which order a line belonged when it goes.
alter table "PRCLST" replica identity full;
