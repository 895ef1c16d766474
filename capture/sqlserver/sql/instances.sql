-- cdcsync: instances
-- The capture instances of a database with their tables. Rights: select on cdc.change_tables.
select s.name as source_schema, t.name as source_table, ct.capture_instance
from cdc.change_tables ct
join sys.tables t on t.object_id = ct.source_object_id
join sys.schemas s on s.schema_id = t.schema_id
order by s.name, t.name, ct.create_date;
