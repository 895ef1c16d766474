insert into hm values (1, 'b=>"q\"x", a=>NULL, "c d"=>"ü"', '$1,000,000.00', '{"z": 1, "a": [1.0, 1e5, "\u00e9"]}', 's', repeat('long', 500), 'x', '{}'); update hm set h = h || 'new=>1', m = -5; delete from hm;
insert into done values (1);
