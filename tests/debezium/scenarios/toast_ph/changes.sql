insert into tt select 1, 1, repeat('x',9000), decode(repeat('ab',9000),'hex'), hstore('a', repeat('q',9000)); update tt set v = 2;
insert into done values (1);
