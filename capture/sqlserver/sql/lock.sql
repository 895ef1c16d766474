-- cdcsync: lock
-- Takes a shared lock on a whole table and keeps it until the transaction ends: readers go on, writers wait. Only in the mode "locks".
--   :setvar table [dbo].[item]
-- Rights: select on the table.
select count(*) as locked from (select top (1) 1 as one from $(table) with (tablock, holdlock)) t;
