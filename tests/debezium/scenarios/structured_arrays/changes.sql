insert into ends values (1, '{infinity}', '{24:00}', '{24:00}', '{24:00+00,24:00+05}', '{infinity}', '{infinity}', '{infinity}', '{infinity}', '1 day 00:00:01.2345', '1 year 2 months', '3 days', '04:05:06.789');
insert into ends values (2, '{-infinity}', '{23:59:59.999999}', '{23:59:59.999}', '{10:00+14}', '{-infinity}', '{-infinity}', '{-infinity}', '{-infinity}', '-1 day -00:00:01.5', '-1 year', '-3 days', '-04:05:06.789');
insert into ends values (3, '{0044-03-15 BC}', null, null, null, '{0044-03-15 12:00:00.5 BC}', '{0044-03-15 12:00 BC}', '{0044-03-15 12:00:00.5Z BC}', '{0044-03-15 12:00Z BC}', '1 year -2 months', null, null, '-00:00:00.01');
insert into ends values (4, '{21016-11-04,9999-12-31}', null, null, null, '{21016-11-04 12:00,1582-10-10 12:00}', '{21016-11-04 12:00,1900-03-01}', '{21016-11-04 12:00Z,1582-10-10 12:00Z}', '{9999-12-31 23:59:59.999Z,1969-12-31 23:59:59.999Z}', '-1 year 2 months 3 days -04:00', null, null, null);
insert into done values (1);
