-- cdcsync: columns
-- The columns of all capture instances, in the order of their bits in __$update_mask. Types are those of the change table (as the column was when the instance
-- was made); nullability, defaults, keys and clustering come from the table itself and are null where the column is gone from it.
-- key_ordinal: the primary key, else the first unique index without filter.
-- Rights: select on the cdc schema; view definition on the captured tables (having select on them is enough).
select
    ct.object_id, ct.capture_instance, ct.source_object_id, s.name as source_schema, t.name as source_table,
    cc.column_ordinal, cc.column_name, type_name(c.system_type_id) as base_type, case when ut.is_assembly_type = 1 then ut.name end as clr_type,
    cast(c.max_length as int) as max_length, cast(c.precision as int) as precision, cast(c.scale as int) as scale,
    coalesce(b.is_nullable, cast(1 as bit)) as is_nullable, cast(coalesce(cc.is_computed, 0) as bit) as is_computed, b.is_identity,
    dc.definition as default_definition, cast(ik.key_ordinal as int) as key_ordinal
from cdc.change_tables ct
join cdc.captured_columns cc on cc.object_id = ct.object_id
join sys.columns c on c.object_id = ct.object_id and c.name = cc.column_name
left join sys.types ut on ut.user_type_id = c.user_type_id
join sys.tables t on t.object_id = ct.source_object_id
join sys.schemas s on s.schema_id = t.schema_id
left join sys.columns b on b.object_id = ct.source_object_id and b.column_id = cc.column_id
left join sys.default_constraints dc on dc.parent_object_id = b.object_id and dc.parent_column_id = b.column_id
outer apply (
    select top (1) i.index_id from sys.indexes i
    where i.object_id = ct.source_object_id and i.is_unique = 1 and i.has_filter = 0 and i.is_disabled = 0
    order by i.is_primary_key desc, i.index_id) k
left join sys.index_columns ik on ik.object_id = ct.source_object_id and ik.index_id = k.index_id and ik.column_id = b.column_id and ik.is_included_column = 0
order by ct.object_id, cc.column_ordinal;
