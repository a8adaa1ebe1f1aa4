-- Tables that are made in several steps.
CREATE TABLE steps (id int NOT NULL, email varchar(50), n int, gone int, old int, k int, KEY k (k)) DEFAULT CHARSET=utf8;
ALTER TABLE steps ADD PRIMARY KEY (id), ADD UNIQUE KEY email (email(10)), ADD KEY (n), ADD UNIQUE (gone, old), ADD UNIQUE (gone);
ALTER TABLE steps MODIFY id int NOT NULL AUTO_INCREMENT, AUTO_INCREMENT=7;
ALTER TABLE steps ADD first_one int FIRST, ADD COLUMN middle varchar(3) CHARACTER SET latin1 AFTER email, ADD last_one int UNIQUE;
ALTER TABLE steps CHANGE old renamed bigint unsigned NOT NULL, MODIFY COLUMN n tinyint AFTER first_one;
ALTER TABLE steps DROP KEY gone, DROP COLUMN gone, DROP INDEX k;
CREATE UNIQUE INDEX i1 ON steps (middle, n);
CREATE UNIQUE INDEX i2 USING BTREE ON steps (n);
ALTER TABLE steps DROP KEY i2, ADD CONSTRAINT c UNIQUE (k), COMMENT='x';
INSERT INTO steps (renamed) VALUES (1);
CREATE TABLE alike LIKE steps;
INSERT INTO alike (renamed) VALUES (1);
CREATE TABLE named_before (a int, b int, UNIQUE (a), UNIQUE (a, b), KEY (b), UNIQUE (b), PRIMARY KEY (a));
ALTER TABLE named_before DROP KEY a, ADD UNIQUE (a), DROP PRIMARY KEY, ADD PRIMARY KEY (b, a);
INSERT INTO named_before VALUES (1, 1);
