insert into t values (1,'a',1); update t set v='a'; update t set v='b'; update t set w=2; update t set id=2;
insert into done values (1);
