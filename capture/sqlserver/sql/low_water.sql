-- cdcsync: low_water
-- Where the rows of each capture instance begin now. Asked after rows were read and before they are published: clean-up moves start_lsn first and
-- deletes then, so rows read before start_lsn passed our place were complete.
-- Rights: select on cdc.change_tables.
select object_id, start_lsn from cdc.change_tables;
