-- cdcsync: window
-- The next transactions after a place, and what capture instances there are. Two results, in this order: an instance made after the second was read
-- begins after the last transaction of the first.
--   declare @from binary(10) = 0x00000000000000000000, @through bit = 0, @count int = 500;
-- @through = 1 takes the transaction at @from again: it was cut in the middle.
-- start_lsn of a capture instance is where its rows begin: clean-up moves it forward before it deletes.
-- Rights: select on cdc.lsn_time_mapping and cdc.change_tables.
select top (@count) start_lsn, tran_begin_time, tran_end_time, tran_id
from cdc.lsn_time_mapping
where start_lsn >= @from and (start_lsn > @from or @through = 1)
order by start_lsn;

select capture_instance, object_id, source_object_id, start_lsn, create_date
from cdc.change_tables
where start_lsn is not null
order by source_object_id, create_date, object_id;
