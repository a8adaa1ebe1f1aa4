CREATE TABLE addresses (id INT PRIMARY KEY, u UUID, i4 INET4, i6 INET6, UNIQUE (u), UNIQUE (i4), UNIQUE (i6));
INSERT INTO addresses VALUES (1, '00000000-0000-0000-0000-000000000000', '0.0.0.0', '::'), (2, '123e4567-e89b-12d3-a456-426614174000', '127.0.0.1', '::1'),
  (3, 'ffffffff-ffff-ffff-ffff-ffffffffffff', '255.255.255.255', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'),
  (4, '018f3c2e-7b1a-7cde-8f00-123456789abc', '10.0.0.0', '2001:db8::'), (5, 'f47ac10b-58cc-4372-a567-0e02b2c3d400', '1.2.0.0', '::ffff:1.2.3.4'),
  (6, '6ba7b810-9dad-61d1-80b4-00c04fd430c8', '8.8.8.8', 'fe80::'), (7, '6ba7b810-9dad-41d1-00b4-00c04fd430c8', NULL, NULL), (8, NULL, NULL, NULL),
  (9, '00000000-0000-8000-8000-000000000000', '9.9.9.9', '1::'), (10, 'ffffffff-ffff-5fff-bfff-ff0000000000', '9.9.9.0', '2::');
CREATE TABLE squeezed (id INT PRIMARY KEY, vc VARCHAR(2000) COMPRESSED, tx TEXT COMPRESSED, bl BLOB COMPRESSED, vb VARBINARY(500) COMPRESSED);
INSERT INTO squeezed VALUES (1, REPEAT('ab', 500), REPEAT('日本', 300), REPEAT(x'00FF', 400), REPEAT('z', 300)), (2, '', '', '', ''), (3, 'short', 'it''s', x'27', 'x'), (4, NULL, NULL, NULL, NULL);
CREATE TABLE documents (id INT PRIMARY KEY, j JSON);
INSERT INTO documents VALUES (1, '{"a": 1.0, "b": "\\n"}'), (2, ' [1,  2] '), (3, NULL);
CREATE TABLE computed (id INT PRIMARY KEY, a INT INVISIBLE, v INT AS (a + 1) VIRTUAL, s VARCHAR(20) AS (CONCAT('s', a)) PERSISTENT UNIQUE, b INT DEFAULT 7);
INSERT INTO computed (id, a) VALUES (1, 1), (2, NULL);
CREATE TABLE periods (id INT, s DATE, e DATE, v INT, PERIOD FOR p (s, e), UNIQUE (id, p WITHOUT OVERLAPS));
INSERT INTO periods VALUES (1, '2020-01-01', '2020-06-01', 1), (1, '2020-06-01', '2021-01-01', 2), (2, '2020-01-01', '2021-01-01', 3);
CREATE TABLE versions (id INT PRIMARY KEY, v INT) WITH SYSTEM VERSIONING;
INSERT INTO versions VALUES (1, 1), (2, 2);
CREATE TABLE k_blob (id INT PRIMARY KEY, b BLOB, t TEXT, UNIQUE (b), UNIQUE (t));
INSERT INTO k_blob VALUES (1, x'00FF', 'it''s'), (2, '', ''), (3, REPEAT('x', 5000), REPEAT('日', 5000)), (4, NULL, NULL);
CREATE TABLE long_times (k TIME(6) PRIMARY KEY, t TIME(3));
INSERT INTO long_times VALUES ('838:59:59.999999', '838:59:59.999'), ('-838:59:59.999999', '-838:59:59.999');
