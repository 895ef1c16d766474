-- The number of a key's value says which key it is of, and what was learnt says how many records may share one. The next start learns again and makes both anew.
delete from mdm.model;
delete from mdm.edge;
truncate mdm.block_key, mdm.record_keys;
update mdm.ruleset set fingerprint = '';
