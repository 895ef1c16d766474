-- cdcsync: rights
-- What a login may do beside reading tables: its own rights, or those of @login where $(as) says so.
--   :setvar as "execute as login = @login;"     -- or "" for one's own rights
--   declare @login nvarchar(128) = N'cdcsync';
-- Rights: none; to ask for another, impersonate on the login.
$(as)
select cast(coalesce(has_perms_by_name('cdc', 'SCHEMA', 'SELECT'), 0) as bit) as may_read_cdc,
    cast(coalesce(has_perms_by_name(db_name(), 'DATABASE', 'VIEW DATABASE STATE'), 0) as bit) as may_see_scans,
    cast(case when is_rolemember('db_owner') = 1 or is_srvrolemember('sysadmin') = 1 then 1 else 0 end as bit) as is_owner, suser_sname() as login_name,
    cast(coalesce(has_perms_by_name(null, null, 'VIEW SERVER STATE'), 0) as bit) as may_see_server,
    cast(coalesce(has_perms_by_name('msdb.dbo.cdc_jobs', 'OBJECT', 'SELECT'), 0) as bit) as may_see_jobs;
