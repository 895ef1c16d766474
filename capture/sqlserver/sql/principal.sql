-- cdcsync: principal
-- Whether a login exists, and as which user it comes into this database.
--   declare @login nvarchar(128) = N'cdcsync';
-- Rights: none for one's own login; else view any definition, or sysadmin.
select cast(case when suser_id(@login) is null then 0 else 1 end as bit) as login_exists,
    (select p.name from sys.database_principals p where p.sid = suser_sid(@login)) as user_name,
    cast(case when suser_sname() = @login then 1 else 0 end as bit) as is_self,
    cast(case when is_srvrolemember('sysadmin', @login) = 1 then 1 else 0 end as bit) as is_sysadmin;
