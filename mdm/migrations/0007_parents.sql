-- The source id of the record's parent, as far as it can be one's id: finds the golden records to write anew when the parent comes to another golden record.
-- Filled for records that are there already by the rebuild at the next start.
alter table mdm.record add column parent_id text;
create index record_parent on mdm.record (kind, source, parent_id) where parent_id is not null;
