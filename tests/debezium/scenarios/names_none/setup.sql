create schema "My-Schema"; create table "My-Schema"."Order Lines"("Order-No" int primary key, "1st" text, "größe" text, a_b text, "$x" text); create table "2nd"(id int primary key, "a b" text);
