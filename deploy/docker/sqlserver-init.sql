-- The CRM of the demo and the login that captures it. Run by sqlserver-start.sh with sqlcmd; running it again changes nothing.
-- $(CAPTURE_PASSWORD) is the login's password: sqlcmd takes it from the environment.
if db_id(N'crm') is null create database crm;
go
alter database crm set allow_snapshot_isolation on;
go
use crm;
go
if object_id(N'dbo.Account') is null
begin
  create table dbo.Account(
    AccountId int not null primary key, AccountNumber nvarchar(20) not null, Name nvarchar(80) not null, TaxId varchar(20) null, Street nvarchar(80) null, City nvarchar(40) null,
    PostalCode varchar(10) null, Email varchar(120) null, Phone varchar(30) null, IsClosed bit not null default 0, ModifiedOn datetime2(3) not null default sysutcdatetime());

  with n as (select top (400) row_number() over (order by (select null)) as n from sys.all_objects)
  insert into dbo.Account(AccountId, AccountNumber, Name, TaxId, Street, City, PostalCode, Email, Phone)
  select n, concat('CRM-', right(concat('0000', n), 5)), concat('Account ', n, ' ', choose(1 + n % 4, 'Inc', 'LLC', 'Corp', 'Ltd')),
         -- Every third is a customer of the ERP under the same tax number.
         case when n % 3 = 0 then concat(right(concat('0', 10 + n % 89), 2), '-', right(concat('000000', n * 7919 % 10000000), 7)) end,
         concat(n * 37 % 9800, ' Market Street'), choose(1 + n % 3, 'Dayton', 'Omaha', 'Albany'), right(concat('0000', 10000 + n * 131 % 89999), 5), concat('crm', n, '@accounts.example'),
         concat('(', 201 + n % 700, ') 555-', right(concat('000', n % 10000), 4))
  from n;
end
go
if not exists (select 1 from sys.databases where name = N'crm' and is_cdc_enabled = 1) exec sys.sp_cdc_enable_db;
go
if not exists (select 1 from sys.tables where object_id = object_id(N'dbo.Account') and is_tracked_by_cdc = 1)
  exec sys.sp_cdc_enable_table @source_schema = N'dbo', @source_name = N'Account', @role_name = null, @supports_net_changes = 0;
go
if suser_id(N'cdcsync_reader') is null create login cdcsync_reader with password = N'$(CAPTURE_PASSWORD)', check_policy = off;
go
if user_id(N'cdcsync_reader') is null create user cdcsync_reader for login cdcsync_reader;
grant select on schema::cdc to cdcsync_reader;
grant select on schema::dbo to cdcsync_reader;
grant view database state to cdcsync_reader;
go
