-- cdcsync: tracked_changes
-- The net changes of one table since a version, each with the row as it is now. is_there = 0 with an operation other than D: the row was deleted since, and comes again.
--   :setvar columns [id],[name]
--   :setvar inner "c.[id], t.[name]"
--   :setvar key [id]
--   :setvar table [dbo].[item]
--   :setvar join "t.[id] = c.[id]"
--   declare @from bigint = 0, @to bigint = 9223372036854775807;
-- Rights: view change tracking and select on the table.
select q.sys_change_version, q.is_there, q.sys_change_operation as sys_change_operation, $(columns)
from (
    select c.sys_change_version, c.sys_change_operation, cast(case when t.$(key) is null then 0 else 1 end as bit) as is_there, $(inner)
    from changetable(changes $(table), @from) c
    left join $(table) t on $(join)
) q
where q.sys_change_version <= @to
order by q.sys_change_version;
