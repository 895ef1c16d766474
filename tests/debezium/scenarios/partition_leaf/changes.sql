insert into movement values (1, '2025-06-01', 5), (2, '2026-06-01', 6);
update movement set qty = 7 where id = 1; update movement set moved = '2026-01-02' where id = 1; delete from movement where id = 2;
create table movement_2027 partition of movement for values from ('2027-01-01') to ('2028-01-01'); insert into movement values (3, '2027-06-01', 5); truncate movement;
insert into done values (1);
