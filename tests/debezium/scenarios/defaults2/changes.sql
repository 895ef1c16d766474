insert into a(id, n) values (1, 1); insert into t(id, u, uf) values (1, 'postgres', '18c6f9de-f132-4555-ad76-846fb9d2b891'); insert into d(id, dc, tsl, tszf, tszt, tu) values (1, '2026-11-22', '2026-11-21 13:13:14.016920', '2026-11-21 13:13:14.016920Z', '2026-11-21 13:13:14.02Z', '2026-11-21 13:13:14.016920'); insert into o(id) values (1);
update a set i2 = null, i4 = null, i8m = null, f4 = null, f8 = null, n = null, n3 = null, nneg = null, m = null, b = null, bf = null;
update t set t = null, v = null, c = null, cc = null, n = null, u = null, f = null, cs = null, nx = null, j = null, jb = null, x = null, e = null, uu = null, uf = null;
update d set d2 = null, dc = null, t3 = null, tz = null, tsm = null, ts3 = null, tsl = null, tsz3 = null, tszf = null, iv = null;
update o set b = null, b1 = null, b9 = null, vb = null, i = null, mac = null, l = null, tv = null, at = null, nx = null;
delete from a; delete from t; delete from d; delete from o;
insert into done values (1);
