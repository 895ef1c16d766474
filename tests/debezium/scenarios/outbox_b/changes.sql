insert into outbox values ('6ba7b810-9dad-11d1-80b4-00c04fd430c8','Order','42','OrderCreated','{"a": 1, "b": [1.5, null], "c": {"d": "x"}}','acme','2026-01-01 10:00',1);
insert into outbox values ('6ba7b810-9dad-11d1-80b4-00c04fd430c9','Customer','7','X',null,null,null,null);
insert into outbox values ('6ba7b810-9dad-11d1-80b4-00c04fd430ca','Order','43','Y','[1,2]','x','2026-01-02',2);
insert into outbox values ('6ba7b810-9dad-11d1-80b4-00c04fd430cb','Order','44','Z','"s"','x','2026-01-02',2);
update outbox set type='Z'; delete from outbox; insert into other values (1);
insert into done values (1);
