insert into nested values (1, B'101', B'101', B'101', B'101', B'1', B'1', 1234.5, 1234.5, 1234.5, 1.500, 1.500, 'abc', 'abc', 'ab', 'ab', '10:00:00.123', '10:00:00.123', '2026-01-01 10:00:00.123', '2026-01-01 10:00:00.123', '2026-01-01 10:00:00.12Z', '2026-01-01 10:00:00.12Z', '2026-01-01 10:00:00.12Z',
  'happy', 'sad', '{1,2}', '{ab,cd}', '{3}', '{"a": 1}', '{"a": 1}', '6ba7b810-9dad-11d1-80b4-00c04fd430c8', '6ba7b810-9dad-11d1-80b4-00c04fd430c8', 5, 5, '1 day', '1 day');
insert into nested(id) values (2);
insert into nested(id, vb, vb2, b, b2, o, o2) values (3, B'', B'1', B'000', B'000', B'0', B'0');
insert into arraysof values (1, '{1.5,NULL}', '{ab}', '{sad}', '{6ba7b810-9dad-11d1-80b4-00c04fd430c8}', '{10:00:00.123}', '{101}', '{"{1,2}"}', '{2.5}');
insert into arraysof(id) values (2);
insert into dayend values (1, '23:59:59.999999+00', '24:00+00', '23:59:59.999999', array['23:59:59.999999+00'::timetz(0), '24:00:00+00'::timetz, '00:00:00+00'::timetz, null::timetz], '{23:59:59.9999}');
insert into dayend values (2, '24:00+02', '24:00-02', '24:00', '{00:00+02,24:00+02,23:59:59.999999-01}', '{24:00}');
insert into owndefaults(id) values (1); update owndefaults set p = null, c = null, e = null, ef = null, ae = null, ad = null, j = null, f2 = null, t = null, ln = null; delete from owndefaults;
insert into done values (1);
