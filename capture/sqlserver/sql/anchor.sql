-- cdcsync: anchor
-- Whether the transaction that was published last is still the one at its place: asked when the database's recovery fork is another than before (restored, or
-- failed over).
--   declare @place binary(10) = 0x00000000000000000000;
-- Rights: select on cdc.lsn_time_mapping.
select cast(case when exists (select * from cdc.lsn_time_mapping where start_lsn = @place) then 1 else 0 end as bit) as is_there;
