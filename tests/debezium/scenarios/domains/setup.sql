-- Domains over domains with their modifiers, domains over arrays and enums, arrays of domains; times at the day's end; defaults of such columns.
create extension if not exists citext; create extension if not exists ltree;
create type mood as enum ('sad', 'ok', 'happy');
create domain varbit2 as varbit(3); create domain varbit2b as varbit2; create domain bits as bit(3); create domain bits2 as bits; create domain onebit as bit(1); create domain onebit2 as onebit;
create domain price as numeric(8,2); create domain price2 as price; create domain price3 as price2 not null default 1.5; create domain anynum as numeric; create domain anynum2 as anynum;
create domain code as varchar(5); create domain code2 as code; create domain fixed as char(4); create domain fixed2 as fixed;
create domain t3 as time(3); create domain t3b as t3; create domain ts3 as timestamp(3); create domain ts3b as ts3; create domain tsz3 as timestamptz(3); create domain tsz3b as tsz3; create domain tsz3c as tsz3b;
create domain feeling as mood; create domain feeling2 as feeling default 'ok'; create domain ints as int[]; create domain codes as varchar(5)[]; create domain ints2 as ints;
create domain doc as jsonb; create domain doc2 as doc; create domain ident as uuid; create domain ident2 as ident; create domain amount as money; create domain amount2 as amount; create domain span as interval; create domain span2 as span;
create table nested(id int primary key, vb varbit2, vb2 varbit2b, b bits, b2 bits2, o onebit, o2 onebit2, p price, p2 price2, p3 price3, n anynum, n2 anynum2, c code, c2 code2, f fixed, f2 fixed2, t t3, t2 t3b, s ts3, s2 ts3b, z tsz3, z2 tsz3b, z3 tsz3c,
  e feeling, e2 feeling2, ai ints, ac codes, ai2 ints2, j doc, j2 doc2, u ident, u2 ident2, m amount, m2 amount2, i span, i2 span2);
create table arraysof(id int primary key, ap price[], ac code[], ae feeling[], ad ident[], at t3[], av varbit2[], ai ints[], ap2 price2[]);
create table dayend(id int primary key, z0 timetz(0), z timetz, t0 time(0), az timetz[] not null, at0 time(0)[]);
create table owndefaults(id int primary key, p price default 2.5, pn price not null default 2.5, c code default 'ab', cn code not null default 'ab', e mood default 'ok', en mood not null default 'ok', ef feeling default 'happy', ae mood[] default '{sad,ok}', an int[] not null default '{1,2}',
  at text[] not null default array['a','b'], ad price[] default '{1.5}', j doc default '{"a": 1}', u ident not null default '6ba7b810-9dad-11d1-80b4-00c04fd430c8', f2 fixed2 default 'x', t t3 default '10:00', ln ltree default 'a.b', ci citext not null default 'X');
alter table nested replica identity full; alter table owndefaults replica identity full;
