-- cdcsync: login_databases
-- The databases that a login comes into, the server's own left out: one that comes into others than the source's is not ours to drop.
--   :setvar as "execute as login = @login;"     -- or "" for one's own
--   declare @login nvarchar(128) = N'cdcsync';
-- Rights: to ask for another, impersonate on the login.
declare @found table (name sysname);
insert into @found select name from sys.databases where database_id > 4 and state = 0;
$(as)
select name from @found where has_dbaccess(name) = 1 order by name;
