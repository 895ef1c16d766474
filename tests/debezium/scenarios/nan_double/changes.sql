insert into nan values (1, 'NaN', 'NaN', 'NaN'); insert into nan values (2, 'Infinity', 1, '-Infinity'); insert into nan values (3, 1, 1, 1);
insert into done values (1);
