insert into person values (1, 'Anna Karenina', '+49 123', 'ab', 'a@b.example', 30, 's', 'a longer note', '{a,b}');
insert into person values (2, null, '', null, null, null, null, null, null);
insert into person values (3, 'ünï😀 emoji', 'x', 'abcd', 'z', 1, 'x', 'öäüß😀öäü', '{}');
update person set name = 'Bob' where id = 1;
delete from person where id = 2;
insert into done values (1);
