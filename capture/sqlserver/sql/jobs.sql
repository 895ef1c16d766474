-- cdcsync: jobs
-- How the capture and clean-up jobs are set: retention in minutes, seconds between scans, transactions a scan. Rights: membership in db_owner, or select on
-- msdb.dbo.cdc_jobs.
select job_type, cast(coalesce(retention, 0) as bigint) as retention, cast(coalesce(pollinginterval, 0) as bigint) as pollinginterval,
    cast(coalesce(maxtrans, 0) as bigint) as maxtrans, cast(coalesce(maxscans, 0) as bigint) as maxscans
from msdb.dbo.cdc_jobs where database_id = db_id();
