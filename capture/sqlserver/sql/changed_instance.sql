-- cdcsync: changed_instances
-- Which change tables have rows in a window: one line like this a table, joined by "union all" into one statement, each an index seek.
--   :setvar number 0
--   :setvar change_table [cdc].[dbo_item_CT]
--   declare @from binary(10) = 0x00000000000000000000, @through bit = 0, @to binary(10) = 0xffffffffffffffffffff;
-- Rights: select on the change tables.
select $(number) as number where exists (
    select * from $(change_table) where __$start_lsn >= @from and __$start_lsn <= @to and (__$start_lsn > @from or @through = 1))
