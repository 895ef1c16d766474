-- cdcsync: moment
-- The server's clock and how far the capture job has come, taken as one. The first statement of a snapshot transaction: reading a user table is what fixes
-- the moment that the transaction sees.
-- Rights: select on cdc.lsn_time_mapping.
select getdate() as taken_at, datepart(tzoffset, sysdatetimeoffset()) as utc_offset_minutes,
    (select max(start_lsn) from cdc.lsn_time_mapping) as max_lsn;
