-- What the record is a record of, as far as it can tell: records of different levels are never the same thing. Filled for records that are there already by the rebuild
-- at the next start.
alter table mdm.record add column level text;

-- True once the golden record was written anew after the pin's time had passed.
alter table mdm.pin add column lapsed boolean not null default false;
create index pin_lapse on mdm.pin (until) where until is not null and not lapsed;
