-- PostGIS: geometry and geography with and without modifiers, arrays, domains, required and by default.
create extension if not exists postgis;
create domain place as geometry(Point, 4326);
create table shapes(id int primary key, g geometry, gp geometry(Point, 3187), gz geometry(PointZ), gg geography, ggp geography(Point), ag geometry[], agg geography[], dm place, b2 box2d, b3 box3d);
create table required(id int primary key, g geometry not null, gg geography(LineString) not null, gd geometry default 'POINT(1 2)', ga geometry[] not null);
alter table shapes replica identity full; 
