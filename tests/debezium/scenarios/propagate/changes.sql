insert into prop values (1,'a',1,'t','{1}'); delete from prop;
insert into done values (1);
