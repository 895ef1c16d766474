-- cdcsync: tracked_columns
-- The columns of the tables that Change Tracking follows, in the shape of "columns". The key is the primary key, which Change Tracking demands.
-- Rights: view definition on the tables (having select on them is enough).
select t.object_id, N'' as capture_instance, t.object_id as source_object_id, s.name as source_schema, t.name as source_table,
    cast(row_number() over (partition by t.object_id order by c.column_id) as int) as column_ordinal, c.name as column_name,
    type_name(c.system_type_id) as base_type, case when ut.is_assembly_type = 1 then ut.name end as clr_type,
    cast(c.max_length as int) as max_length, cast(c.precision as int) as precision, cast(c.scale as int) as scale,
    c.is_nullable, cast(0 as bit) as is_computed, c.is_identity, dc.definition as default_definition, cast(ik.key_ordinal as int) as key_ordinal
from sys.change_tracking_tables ctt
join sys.tables t on t.object_id = ctt.object_id
join sys.schemas s on s.schema_id = t.schema_id
join sys.columns c on c.object_id = t.object_id
left join sys.types ut on ut.user_type_id = c.user_type_id
left join sys.default_constraints dc on dc.parent_object_id = c.object_id and dc.parent_column_id = c.column_id
left join sys.indexes i on i.object_id = t.object_id and i.is_primary_key = 1
left join sys.index_columns ik on ik.object_id = t.object_id and ik.index_id = i.index_id and ik.column_id = c.column_id and ik.is_included_column = 0
order by t.object_id, c.column_id;
