-- cdcsync: tracking
-- The tables that Change Tracking follows, the oldest version each still knows, and the newest there is. A place older than min_valid_version is lost.
-- Rights: view change tracking on the tables.
select t.object_id, s.name as table_schema, t.name as table_name, change_tracking_min_valid_version(t.object_id) as min_valid_version, change_tracking_current_version() as current_version
from sys.change_tracking_tables ctt
join sys.tables t on t.object_id = ctt.object_id
join sys.schemas s on s.schema_id = t.schema_id
order by t.object_id;
