-- What the record is a record of, as far as it can tell: records of different levels are never the same thing. Filled for records that are there already by the rebuild
-- at the next start.
alter table mdm.record add column level text;
