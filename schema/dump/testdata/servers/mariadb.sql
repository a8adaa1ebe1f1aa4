CREATE SEQUENCE seq;
CREATE TABLE own (
  i4 inet4, i6 inet6, u uuid NOT NULL DEFAULT uuid(), j json, z varchar(100) COMPRESSED, zb blob COMPRESSED, zt text COMPRESSED,
  n bigint DEFAULT nextval(seq), e int DEFAULT (1 + 2) INVISIBLE, p int AS (e + 1) PERSISTENT, v int AS (e * 2) VIRTUAL,
  x varchar(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_uca1400_as_ci, pt point REF_SYSTEM_ID=101, PRIMARY KEY (u)
) PAGE_CHECKSUM=1;
INSERT INTO own (i4) VALUES ('1.2.3.4');
CREATE TABLE long_unique (a blob UNIQUE, b text, c varchar(2000) CHARACTER SET utf8mb4, UNIQUE (b), UNIQUE (c), d int, UNIQUE (d));
INSERT INTO long_unique (a) VALUES ('x');
CREATE TABLE versioned (id int PRIMARY KEY, v int WITHOUT SYSTEM VERSIONING) WITH SYSTEM VERSIONING;
INSERT INTO versioned VALUES (1, 1);
CREATE TABLE versioned_explicit (id int, s timestamp(6) GENERATED ALWAYS AS ROW START INVISIBLE,
  e timestamp(6) GENERATED ALWAYS AS ROW END INVISIBLE, PERIOD FOR SYSTEM_TIME (s, e), PRIMARY KEY (id)) WITH SYSTEM VERSIONING
  PARTITION BY SYSTEM_TIME (PARTITION p HISTORY, PARTITION c CURRENT);
INSERT INTO versioned_explicit (id) VALUES (1);
CREATE TABLE booking (room int, `from` date, `to` date, PERIOD FOR stay (`from`, `to`), UNIQUE (room, stay WITHOUT OVERLAPS));
INSERT INTO booking VALUES (1, '2024-01-01', '2024-01-02');
CREATE TABLE aria (id int PRIMARY KEY, CONSTRAINT c CHECK (id > 0)) ENGINE=Aria TRANSACTIONAL=1;
INSERT INTO aria VALUES (1);
