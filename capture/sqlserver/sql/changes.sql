-- cdcsync: changes
-- The rows of one change table in a window, in the order in which they are merged with those of the others: commit, change, operation
-- (1 delete, 2 insert, 3 and 4 old and new row of an update). @through = 1 begins inside the transaction @from, at the change @seqval.
-- The columns are those of the capture instance; CLR types, xml and sql_variant are converted here, so that no client needs their libraries.
--   :setvar columns [id],[name]
--   :setvar change_table [cdc].[dbo_item_CT]
--   declare @from binary(10) = 0x00000000000000000000, @through bit = 0, @seqval binary(10) = 0x00000000000000000000, @to binary(10) = 0xffffffffffffffffffff;
-- Rights: select on the change table.
select __$start_lsn, __$seqval, __$operation, __$update_mask, $(columns)
from $(change_table)
where __$start_lsn >= @from and __$start_lsn <= @to and (__$start_lsn > @from or (@through = 1 and __$seqval >= @seqval))
order by __$start_lsn, __$seqval, __$operation;
