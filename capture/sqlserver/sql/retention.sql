-- cdcsync: retention
-- How old the first transaction is that was not read yet, in seconds; null when all were. Clean-up deletes by this time: what is older than the retention goes.
--   declare @place binary(10) = 0x00000000000000000000;
-- Rights: select on cdc.lsn_time_mapping.
select datediff(second, t.tran_end_time, getdate()) as behind
from (select top (1) tran_end_time from cdc.lsn_time_mapping where start_lsn > @place order by start_lsn) t;
