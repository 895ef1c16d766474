-- Import mode may give a schema a second id, as Confluent's registry does: the text alone no longer decides.
alter table registry.schema drop constraint schema_text_hash_key;
create index schema_by_text on registry.schema(text_hash, id);
create index schema_by_reference on registry.schema using gin (refs jsonb_path_ops);
