-- cdcsync: rights
-- Whether this login may read what capture reads. Rights: none.
select cast(coalesce(has_perms_by_name('cdc', 'SCHEMA', 'SELECT'), 0) as bit) as may_read_cdc,
    cast(coalesce(has_perms_by_name(db_name(), 'DATABASE', 'VIEW DATABASE STATE'), 0) as bit) as may_see_scans,
    cast(case when is_rolemember('db_owner') = 1 or is_srvrolemember('sysadmin') = 1 then 1 else 0 end as bit) as is_owner, suser_sname() as login_name;
