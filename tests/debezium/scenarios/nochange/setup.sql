create table t(id int primary key, v text, w int); alter table t replica identity full;
