insert into "My-Schema"."Order Lines" values (1,'f','XL','ab','x'); update "My-Schema"."Order Lines" set "Order-No"=2; insert into "2nd" values (1,'x'); delete from "2nd";
insert into done values (1);
