-- cdcsync: tables
-- All user tables, whether CDC and Change Tracking follow them, and what a login may do with them: for preflight and for the script of rights.
-- What there is is looked at as who asks; what is allowed, as @login where $(as) says so.
--   :setvar as "execute as login = @login;"     -- or "" for one's own rights
--   declare @login nvarchar(128) = N'cdcsync';
-- Rights: view definition on the tables (having select on them is enough); to ask for another, impersonate on the login.
declare @found table (table_schema sysname, table_name sysname, is_tracked_by_cdc bit, is_change_tracked bit, has_key bit);
insert into @found
select s.name, t.name, t.is_tracked_by_cdc, case when ctt.object_id is null then 0 else 1 end,
    case when exists (select * from sys.indexes i where i.object_id = t.object_id and i.is_unique = 1 and i.has_filter = 0) then 1 else 0 end
from sys.tables t
join sys.schemas s on s.schema_id = t.schema_id
left join sys.change_tracking_tables ctt on ctt.object_id = t.object_id
where t.is_ms_shipped = 0 and s.name <> 'cdc';
$(as)
select table_schema, table_name, is_tracked_by_cdc, is_change_tracked,
    cast(coalesce(has_perms_by_name(quotename(table_schema) + '.' + quotename(table_name), 'OBJECT', 'SELECT'), 0) as bit) as may_select, has_key,
    cast(coalesce(has_perms_by_name(quotename(table_schema) + '.' + quotename(table_name), 'OBJECT', 'VIEW CHANGE TRACKING'), 0) as bit) as may_see_tracked
from @found order by table_schema, table_name;
