create table movement(id bigint, moved date not null, qty int, primary key (id, moved)) partition by range (moved);
create table movement_2025 partition of movement for values from ('2025-01-01') to ('2026-01-01');
create table movement_2026 partition of movement for values from ('2026-01-01') to ('2027-01-01');
