-- Infinity, the day's end and the year's limits in arrays and ranges of dates and times; intervals with limits on their fields.
create table ends(id int primary key, ad date[], at time[], at3 time(3)[], atz timetz[], ats timestamp[], ats3 timestamp(3)[], atsz timestamptz[], atsz3 timestamptz(3)[], i3 interval(3), iy interval year to month, id_ interval day, it interval hour to second(2));
alter table ends replica identity full;
