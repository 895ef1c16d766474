-- cdcsync: rows
-- The rows that a table has, by key, after the last one published. Which isolation and locks it runs under is said by the session: see docs/sources/sqlserver.md.
--   :setvar columns [id],[name]
--   :setvar table [dbo].[item]
--   :setvar hint ""
--   :setvar after "1 = 1"
--   :setvar order "order by [id]"
-- hint: "with (holdlock, tablock)" in the mode "locks". after: ([a] > @k0 or ([a] = @k0 and [b] > @k1)), whose parts the key's index can seek.
-- Rights: select on the table.
select $(top) $(columns) from $(table) $(hint) where $(after) $(order);
