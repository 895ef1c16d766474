-- The warehouse system of the demo: bins, lots and holds, and its own spelling of the same customers and items. The same data at every start.
create table warehouse(code varchar(3) primary key, name varchar(60) not null, street varchar(80) not null, town varchar(40) not null, postal varchar(10) not null, country char(2) not null, closed boolean not null default false);
create table consignee(
  id serial primary key, name varchar(80) not null, addr1 varchar(80) not null, town varchar(40) not null, postal varchar(10) not null, country char(2) not null,
  vat varchar(24), email varchar(80), changed timestamp not null default localtimestamp);
create table sku(code varchar(12) primary key, client_item varchar(15) not null, descr varchar(80) not null, gtin varchar(14), uom varchar(4) not null, weight_g int, active boolean not null default true);
create table bin(id serial primary key, warehouse varchar(3) not null references warehouse, code varchar(12) not null, unique (warehouse, code));
create table stock(
  bin int not null references bin on delete cascade, sku varchar(12) not null references sku, lot varchar(12) not null default '', qty numeric(12,3) not null, counted timestamptz,
  primary key (bin, sku, lot));
create table hold(id serial primary key, bin int not null references bin on delete cascade, sku varchar(12) not null references sku, lot varchar(12) not null default '',
  qty numeric(12,3) not null, reason varchar(20) not null, released boolean not null default false);
create table allocation(id serial primary key, warehouse varchar(3) not null references warehouse, sku varchar(12) not null references sku, qty numeric(12,3) not null, order_ref varchar(20) not null, picked boolean not null default false);

create function pick(words text[], n bigint) returns text language sql immutable as $$ select words[1 + mod(abs(n), array_length(words, 1))] $$;

insert into warehouse values
  ('NYC', 'Newark distribution center', '1200 Harbor Drive', 'Newark', '07114', 'US'),
  ('CHI', 'Chicago distribution center', '88 Lake Calumet Road', 'Chicago', '60633', 'US'),
  ('LAX', 'Carson distribution center', '21500 Alameda Street', 'Carson', '90810', 'US');

-- Four hundred customers of the ERP, as the warehouse writes them: other case, other abbreviations, other punctuation.
insert into consignee(name, addr1, town, postal, country, vat, email)
select format('%s %s %s%s', pick(array['Harbor','Summit','Prairie','Cascade','Liberty','Granite','Maple','Keystone','Pioneer','Redwood','Lakeside'], n),
              pick(array['Tool','Supply','Electric','Plumbing','Hardware','Industrial','Marine'], n / 11), n, pick(array[', Inc.',' L.L.C.',' Corporation',' Limited'], n / 7)),
       format('%s %s %s', 1 + n * 37 % 9800, pick(array['Oak','Canal','Market','Front','Mill','River','Pine'], n / 3), pick(array['St','Ave.','Rd','Blvd'], n)),
       pick(array['Dayton','Toledo','Albany','Tucson','Omaha','Tacoma','Durham','Mobile'], n), to_char(10000 + n * 131 % 89999, 'FM00000'), 'US',
       case when n % 3 = 0 then format('%s %s', to_char(10 + n % 89, 'FM00'), to_char(n * 7919 % 10000000, 'FM0000000')) end,
       case when n % 3 = 1 then format('Orders%s@%s.example', n, pick(array['Harbor','Summit','Prairie','Cascade','Liberty','Granite','Maple','Keystone'], n)) end
from (select 12 * g + g % 3 as n from generate_series(1, 400) g) c;

insert into sku
select format('W%s', 100000 + n), format('A-%s', to_char(n, 'FM00000')), format('%s %s%s', pick(array['Bolt, hex','Valve, ball','Cable tie','Lamp LED','Ladder','Bit, drill','Glove, work','Clamp, pipe'], n), n % 64 + 1,
              pick(array['mm','"','pk','set'], n / 8)), ean.code, pick(array['EACH','BOX','PACK'], n), (n % 400) * 125
from generate_series(1, 2000) n,
  lateral (select '0123456' || to_char(n, 'FM00000') as base) b,
  lateral (select base || mod(10 - mod((select sum(substr(base, i, 1)::int * case when i % 2 = 0 then 3 else 1 end) from generate_series(1, 12) i), 10), 10) as code) ean;

insert into bin(warehouse, code) select w.code, format('%s-%s', chr(65 + n / 20), to_char(n % 20 + 1, 'FM00')) from warehouse w, generate_series(0, 199) n;
insert into stock(bin, sku, lot, qty, counted)
select 1 + (n * 7 + k * 211) % 600, format('W%s', 100000 + n), case when n % 5 = 0 then format('L%s', n % 90) else '' end, (n * 13 + k * 7) % 240, now()
from generate_series(1, 2000) n, generate_series(1, 3) k on conflict do nothing;
insert into hold(bin, sku, lot, qty, reason) select bin, sku, lot, least(qty, 5), pick(array['QC','DAMAGED','COUNT'], bin) from stock where (bin + length(lot)) % 41 = 0;
insert into allocation(warehouse, sku, qty, order_ref) select b.warehouse, s.sku, least(s.qty, 2), format('%s', s.bin) from stock s join bin b on b.id = s.bin where s.bin % 29 = 0 and s.qty > 0;

-- The log must say to which warehouse and item a row belonged when it goes.
alter table hold replica identity full;
alter table allocation replica identity full;
create index on stock(sku);
create index on hold(sku);
create index on allocation(sku);
