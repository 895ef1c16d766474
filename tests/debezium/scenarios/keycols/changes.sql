insert into kc values (1,'b',1,'d'); update kc set d='e'; update kc set b='c'; update kc set c=2; delete from kc;
insert into kd values (1,'y'); update kd set y='z'; update kd set x=2; delete from kd; insert into kd values (null,'n');
insert into ke values (1,'z'); update ke set z='y'; delete from ke;
insert into done values (1);
