-- The demo's ERP as such systems grew: short upper-case names, padded char(n), flags 0/1/'Y', dates as numeric(8) with 99991231 for "never", soft deletes, money without
-- a currency column, and no foreign keys. Everything in it is made up; hash() makes the same values on every run.
create function pg_temp.hash(text) returns int language sql immutable as $$ select (hashtextextended($1, 42) & 2147483647)::int $$;
create function pg_temp.pick(text, text[]) returns text language sql immutable as $$ select $2[1 + pg_temp.hash($1) % cardinality($2)] $$;

create table "CUSMAS" (
    "CUSNO" char(8) primary key, "CUSNAM" char(40) not null, "CUSNA2" char(40) not null default '', "STREET" char(35) not null, "TOWN" char(30) not null,
    "PSTCOD" char(10) not null, "CTRY" char(3) not null, "TAXNO" char(20) not null default '', "PHONE" char(20) not null default '', "EMAIL" varchar(80) not null default '',
    "PRCGRP" char(2) not null, "CRDLIM" numeric(11, 2) not null default 0, "CRDHLD" char(1) not null default '0', "PAYTRM" char(4) not null default '30',
    "DELFLG" char(1) not null default ' ', "CRTDAT" numeric(8) not null, "CHGDAT" numeric(8) not null default 0);
create table "ITMMAS" (
    "ITMNO" char(12) primary key, "ITMDS1" char(30) not null, "ITMDS2" char(30) not null default '', "EANCOD" char(14) not null default '', "ITMGRP" char(6) not null,
    "BASUOM" char(3) not null default 'EA', "GRSWGT" numeric(9, 3) not null default 0, "STKFLG" char(1) not null default 'Y', "DISDAT" numeric(8) not null default 99991231,
    "DELFLG" char(1) not null default ' ');
create table "PRCLST" (
    "ITMNO" char(12) not null, "PRCGRP" char(2) not null, "VLDFRM" numeric(8) not null, "VLDTO" numeric(8) not null default 99991231, "MINQTY" numeric(9, 2) not null default 1,
    "PRICE" numeric(11, 4) not null, primary key ("ITMNO", "PRCGRP", "VLDFRM", "MINQTY"));
create table "ORDHDR" (
    "ORDNO" numeric(9) primary key, "CUSNO" char(8) not null, "WHSCOD" char(3) not null, "ORDDAT" numeric(8) not null, "REQDAT" numeric(8) not null default 99991231,
    "CUSREF" char(20) not null default '', "ORDSTS" char(2) not null default '10', "HLDFLG" char(1) not null default '0');
create table "ORDLIN" (
    "ORDNO" numeric(9) not null, "LINNO" numeric(4) not null, "ITMNO" char(12) not null, "ORDQTY" numeric(11, 2) not null, "SHPQTY" numeric(11, 2) not null default 0,
    "UNTPRC" numeric(11, 4) not null, primary key ("ORDNO", "LINNO"));
create index on "ORDHDR" ("CUSNO");

insert into "ITMMAS" ("ITMNO", "ITMDS1", "ITMDS2", "EANCOD", "ITMGRP", "BASUOM", "GRSWGT", "STKFLG", "DISDAT", "DELFLG")
select 'A' || lpad((10000 + i)::text, 6, '0'),
    rpad(kind || ' ' || size, 30), rpad(material || ', ' || finish, 30),
    -- GTIN-13: twelve digits and the check digit, weights 1 and 3 from the left.
    body || ((10 - (select sum(substr(body, p, 1)::int * case when p % 2 = 1 then 1 else 3 end) from generate_series(1, 12) p) % 10) % 10)::text,
    upper(substr(kind, 1, 3)) || lpad((i % 40)::text, 3, '0'), case when i % 25 = 0 then 'BX' else 'EA' end, (5 + pg_temp.hash('w' || i) % 9000) / 1000.0,
    case when i % 50 = 49 then 'N' else 'Y' end, case when i % 97 = 0 then 20240331 else 99991231 end, case when i % 211 = 0 then 'X' else ' ' end
from generate_series(1, 2000) i,
    lateral (select '4099' || lpad(((i * 7919) % 100000000)::text, 8, '0') as body,
        pg_temp.pick('k' || i, array['Hex bolt', 'Washer', 'Ball valve', 'Pipe clamp', 'Cable gland', 'Bearing', 'O-ring', 'Drill bit', 'Work glove', 'Hose fitting']) as kind,
        'M' || (3 + i % 22) || 'x' || (10 + 5 * (i % 31)) as size, pg_temp.pick('m' || i, array['steel', 'stainless A2', 'stainless A4', 'brass', 'nylon', 'bronze']) as material,
        pg_temp.pick('f' || i, array['plain', 'zinc plated', 'galvanised', 'black', 'polished']) as finish) parts;

-- 4,950 records of 4,700 customers: 250 stand here twice under another spelling; 250 more do with the WMS, which has 300 of its own: 5,000 in all, a tenth of them twice.
create table pg_temp.person as
select i, pg_temp.pick('fn' || i, array['Anna', 'Bela', 'Carl', 'Dora', 'Emil', 'Frida', 'Georg', 'Hanna', 'Ivan', 'Jana', 'Karl', 'Lena', 'Milan', 'Nora', 'Otto', 'Petra'])
    as first_name, initcap(pg_temp.pick('a' || i, array['bal', 'kor', 'lin', 'mar', 'nor', 'ost', 'pel', 'ros', 'sal', 'tor', 'ver', 'wes', 'zim', 'hag', 'dre', 'fal'])
    || pg_temp.pick('b' || i, array['ber', 'den', 'feld', 'gard', 'hof', 'lund', 'mann', 'ner', 'stad', 'ton', 'vik', 'wick']) || pg_temp.pick('c' || i, array['', '', 'er', 'sen', 's']))
    as family, pg_temp.pick('t' || i, array['Tools', 'Metals', 'Trading', 'Supply', 'Machinery', 'Hydraulics', 'Logistics', 'Workshop', 'Fasteners', 'Industrial', 'Plumbing', 'Electric'])
    as trade, pg_temp.pick('l' || i, array['GmbH', 'AG', 'Ltd', 'B.V.', 'S.A.', 'Inc']) as form,
    pg_temp.pick('s' || i, array['Mill Road', 'Station Street', 'Harbour Lane', 'Church Street', 'Foundry Way', 'Market Square', 'Canal Road', 'Park Avenue']) as street,
    1 + pg_temp.hash('h' || i) % 240 as house, pg_temp.pick('o' || i, array['Nordhaven', 'Eastbrook', 'Altstadt', 'Rivermouth', 'Steinbach', 'Millfield', 'Lindau', 'Westport']) as town
from generate_series(1, 4700) i;

insert into "CUSMAS" ("CUSNO", "CUSNAM", "CUSNA2", "STREET", "TOWN", "PSTCOD", "CTRY", "TAXNO", "PHONE", "EMAIL", "PRCGRP", "CRDLIM", "CRDHLD", "PAYTRM", "DELFLG", "CRTDAT")
select (100000 + i)::text, family || ' ' || trade || ' ' || i || ' ' || form, case when i % 9 = 0 then 'attn. ' || first_name || ' ' || family else '' end, house || ' ' || street, town,
    lpad((10000 + pg_temp.hash('z' || i) % 89999)::text, 5, '0'), pg_temp.pick('y' || i, array['DEU', 'AUT', 'NLD', 'GBR']),
    case when i % 5 < 4 then 'DE' || lpad((100000000 + i * 17)::text, 9, '0') else '' end, '+49 30 ' || (1000000 + i * 13)::text,
    lower(first_name || '.' || family || i) || '@' || lower(trade) || '.example', pg_temp.pick('g' || i, array['A1', 'B1', 'C1', 'R1']), 1000 * (1 + pg_temp.hash('cl' || i) % 90),
    case when i % 83 = 0 then '1' else '0' end, pg_temp.pick('p' || i, array['14', '30', '60']), case when i % 131 = 0 then 'X' else ' ' end, 20050101 + (i % 18) * 10000 + (i % 12) * 100 + i % 28
from pg_temp.person;
-- Entered a second time by somebody who did not look: shouting, short words, another form of the street; known by tax number, by e-mail and name, or by address and name.
insert into "CUSMAS" ("CUSNO", "CUSNAM", "STREET", "TOWN", "PSTCOD", "CTRY", "TAXNO", "PHONE", "EMAIL", "PRCGRP", "CRDLIM", "CRTDAT")
select '2' || lpad(i::text, 5, '0'), upper(trim(c."CUSNAM")), upper(p.house || ' ' || replace(replace(p.street, 'Street', 'Str.'), 'Road', 'Rd.')), upper(p.town), c."PSTCOD", c."CTRY",
    case when c."TAXNO" <> '' then substr(c."TAXNO", 1, 2) || ' ' || substr(c."TAXNO", 3, 3) || '.' || substr(c."TAXNO", 6) else '' end,
    '0' || substr(c."PHONE", 5), case when i % 2 = 0 then upper(c."EMAIL") else c."EMAIL" end, c."PRCGRP", 500, 20230101
from pg_temp.person p join "CUSMAS" c on c."CUSNO" = (100000 + p.i)::text where p.i % 18 = 7 and p.i <= 4500;

insert into "PRCLST" ("ITMNO", "PRCGRP", "VLDFRM", "VLDTO", "MINQTY", "PRICE")
select "ITMNO", g, 20250101, 99991231, q, round((base * f * case when q > 1 then 0.9 else 1 end)::numeric, 4)
from "ITMMAS", lateral (select 0.4 + pg_temp.hash('pr' || "ITMNO") % 20000 / 100.0 as base) b,
    (values ('A1', 0.80), ('B1', 0.90), ('C1', 1.00), ('R1', 1.25)) groups(g, f), (values (1), (100)) steps(q) where q = 1 or pg_temp.hash('st' || "ITMNO") % 4 = 0;

insert into "ORDHDR" ("ORDNO", "CUSNO", "WHSCOD", "ORDDAT", "REQDAT", "CUSREF", "ORDSTS")
select 700000 + i, (100000 + 1 + pg_temp.hash('oc' || i) % 4700)::text, pg_temp.pick('ow' || i, array['W01', 'W02', 'W03']), 20260101 + (i % 9) * 100 + i % 28,
    case when i % 3 = 0 then 99991231 else 20261001 + i % 28 end, 'PO ' || (4000 + i * 3), pg_temp.pick('os' || i, array['10', '20', '40', '60', '60', '60', '90'])
from generate_series(1, 3000) i;
insert into "ORDLIN" ("ORDNO", "LINNO", "ITMNO", "ORDQTY", "SHPQTY", "UNTPRC")
select h."ORDNO", l * 10, 'A' || lpad((10000 + 1 + pg_temp.hash('li' || h."ORDNO" || l) % 2000)::text, 6, '0'), q, case when h."ORDSTS" in ('60', '90') then q else 0 end,
    0.4 + pg_temp.hash('lp' || h."ORDNO" || l) % 20000 / 100.0
from "ORDHDR" h, generate_series(1, 4) l, lateral (select 1 + pg_temp.hash('lq' || h."ORDNO" || l) % 60 as q) x where l <= 1 + pg_temp.hash('ln' || h."ORDNO") % 4;
