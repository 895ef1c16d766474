create table prop(id int primary key, v varchar(20) not null default 'x', n numeric(9,3), t text, a int[]); comment on column prop.v is 'a comment';
