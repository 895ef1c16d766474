-- cdcsync: extent
-- How far a table reaches when its rows are asked for again: the greatest key (later rows come with the stream), and about how many rows it has.
--   :setvar key [id]
--   :setvar table [dbo].[item]
--   :setvar where "1 = 1"
--   :setvar order "[id] desc"
--   declare @table nvarchar(400) = N'[dbo].[item]';
-- Rights: select on the table.
select top (1) $(key) from $(table) where $(where) order by $(order);

select sum(p.rows) as total from sys.partitions p where p.object_id = object_id(@table) and p.index_id in (0, 1);
