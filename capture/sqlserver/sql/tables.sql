-- cdcsync: tables
-- All user tables, and whether CDC and Change Tracking follow them: for preflight.
-- Rights: view definition on the tables (having select on them is enough).
select s.name as table_schema, t.name as table_name, cast(t.is_tracked_by_cdc as bit) as is_tracked_by_cdc,
    cast(case when ctt.object_id is null then 0 else 1 end as bit) as is_change_tracked,
    cast(coalesce(has_perms_by_name(quotename(s.name) + '.' + quotename(t.name), 'OBJECT', 'SELECT'), 0) as bit) as may_select,
    cast(case when exists (select * from sys.indexes i where i.object_id = t.object_id and i.is_unique = 1 and i.has_filter = 0) then 1 else 0 end as bit) as has_key
from sys.tables t
join sys.schemas s on s.schema_id = t.schema_id
left join sys.change_tracking_tables ctt on ctt.object_id = t.object_id
where t.is_ms_shipped = 0 and s.name <> 'cdc'
order by s.name, t.name;
