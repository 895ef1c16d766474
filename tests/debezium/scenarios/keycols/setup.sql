create table kc(a int, b text not null, c int primary key, d text); create table kd(x int, y text); alter table kd replica identity full; create table ke(id int primary key, z text);
