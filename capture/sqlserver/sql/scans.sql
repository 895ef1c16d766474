-- cdcsync: scans
-- What the capture job's last finished scan of the log was. A scan that began after a moment and found fewer transactions than it may take has seen everything
-- committed before it. Consecutive empty scans are one session whose counter grows: two steps after the moment mean that the second began after it.
-- Rights: view database state. Not there on a readable replica.
select top (1) session_id, cast(coalesce(empty_scan_count, 0) as bigint) as empty_scans, cast(tran_count as bigint) as transactions
from sys.dm_cdc_log_scan_sessions
where session_id <> 0 and end_time is not null
order by session_id desc;
