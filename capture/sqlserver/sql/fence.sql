-- cdcsync: fence
-- Whether the capture job has read the log beyond a moment of the server's clock. Commits are captured in order: an entry that ended after the moment
-- says that all before it are there. Nothing is written to the source.
--   declare @moment datetime = getdate();
-- Rights: select on cdc.lsn_time_mapping.
select max(start_lsn) as max_lsn, cast(case when max(tran_end_time) > @moment then 1 else 0 end as bit) as is_past
from cdc.lsn_time_mapping;
