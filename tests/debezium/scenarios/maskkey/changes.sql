insert into mk values ('secret','v'); delete from mk; insert into mk2 values ('k',1,'c'); update mk2 set a='l'; delete from mk2; insert into dd(id, ts, k, tz, dt, ti, us, ct) values (1,'2026-01-01',1,'10:00Z','2026-01-01','10:00','u','2026-01-01 00:00Z'); alter table dd replica identity full; delete from dd;
insert into done values (1);
