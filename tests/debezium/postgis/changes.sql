insert into shapes values (1, 'SRID=3187;POINT(174.9479 -36.7208)', 'SRID=3187;POINT(1 2)', 'POINT Z (1 2 3)', 'MULTILINESTRING((169.1321 -44.7032, 167.8974 -44.6414))', 'POINT(1 2)', array['POINT(1 2)'::geometry, null], array['POINT(1 2)'::geography], 'SRID=4326;POINT(3 4)', 'BOX(1 2,3 4)', 'BOX3D(1 2 3,4 5 6)');
insert into shapes(id) values (2);
insert into shapes(id, g, gg) values (3, 'POLYGON((0 0,1 0,1 1,0 0))', 'SRID=4267;POINT(1 2)'), (4, 'GEOMETRYCOLLECTION EMPTY', 'POLYGON EMPTY'), (5, 'SRID=4326;POINT EMPTY', null), (6, 'POINT M (1 2 3)', null), (7, 'SRID=2;POINT ZM (1 2 3 4)', null);
update shapes set g = 'POINT(5 6)' where id = 1;
insert into required values (1, 'POINT(1 2)', 'LINESTRING(1 2,3 4)', default, '{}'); update required set gd = null; delete from required;
insert into done values (1);
