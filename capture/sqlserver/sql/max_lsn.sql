-- cdcsync: max_lsn
-- How far the capture job has read the log: the only question an idle database is asked. One seek to the end of the clustered index;
-- sys.fn_cdc_get_max_lsn() says the same but is recompiled under a lock that many readers contend for.
-- Entries without changes (tran_id 0, one in five minutes while nothing happens) count: they move the place past what was not ours.
-- Rights: select on cdc.lsn_time_mapping.
select top (1) start_lsn from cdc.lsn_time_mapping order by start_lsn desc;
