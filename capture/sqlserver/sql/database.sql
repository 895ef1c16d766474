-- cdcsync: database
-- What this database is, and whether it can be captured. Asked at each connect; one row.
-- recovery_fork_guid changes when a database is restored to an earlier point: log positions remembered from before then mean nothing any more.
-- Rights: none beyond connecting (recovery_fork_guid is null where it may not be seen, for example on Azure SQL Database).
select
    db_name() as name,
    cast(serverproperty('ProductMajorVersion') as int) as server_version,
    cast(d.is_cdc_enabled as bit) as is_cdc_enabled,
    cast(d.snapshot_isolation_state as int) as snapshot_isolation,
    r.recovery_fork_guid,
    cast(databasepropertyex(d.name, 'Updateability') as nvarchar(60)) as updateability,
    datepart(tzoffset, sysdatetimeoffset()) as utc_offset_minutes,
    getutcdate() as now_utc,
    cast(case when exists (select * from sys.change_tracking_databases c where c.database_id = d.database_id) then 1 else 0 end as bit) as is_change_tracked
from sys.databases d
left join sys.database_recovery_status r on r.database_id = d.database_id
where d.database_id = db_id();
