create table person(id int primary key, name text, phone varchar(20) not null, tag char(4), mail varchar(12), age int, secret text, note text, nick varchar(3)[]);
alter table person replica identity full;
