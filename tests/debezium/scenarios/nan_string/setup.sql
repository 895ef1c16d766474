create table nan(id int primary key, n numeric, n4 numeric(4,2), nn numeric not null);
