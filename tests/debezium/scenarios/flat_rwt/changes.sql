begin; insert into t1 values (1,'a'); insert into hidden values (1,'h'); insert into t2 values (1,'b'); update t1 set id=2; select pg_logical_emit_message(true,'keep','in'); select pg_logical_emit_message(true,'drop','in'); commit;
insert into hidden values (2,'only hidden');
begin; update t1 set v='u'; update t1 set v='u'; delete from t2; commit;
begin; truncate t1, t2; insert into nopk values ('x'); delete from nopk; commit;
select pg_logical_emit_message(false,'keep','out'); select pg_logical_emit_message(false,'drop','out');
begin; create table later(id int primary key); insert into later values (1); commit;
insert into withdef values (1, null, 1); update withdef set n=2; update withdef set id=3; delete from withdef;
insert into done values (1);
