# No database, no delimiters where the client wants none, synonyms, keys without names.
use app
create table if not exists people (
  id int auto_increment key,   -- the key
  email varchar(50) unique not null,
  name varchar(20) character set latin1 collate latin1_german1_ci, /* in the middle */
  Age tinyint unsigned zerofill default 7,
  ok bool default true,
  born date default null,
  real_ double precision,
  n numeric(8), r real, f float(30), b bit, i8 int8, m middleint,
  y year(4), t time(3), dt datetime(6) default now(6),
  period int, vector int, point int,
  unique (email),
  unique (name(4), AGE),
  unique index (name),
  unique key ((lower(name))),
  unique ((age + N)),
  constraint named unique (born),
  constraint c1 unique key k1 using btree (born, id),
  index (email),
  foreign key (id) references other (id)
) engine innodb, charset utf8;

CREATE TABLE copy LIKE people;
CREATE TABLE copy2 (LIKE app.people);
CREATE TEMPORARY TABLE gone (a int);
CREATE TABLE dropped (a int);
DROP TABLE dropped;
CREATE TABLE before_rename (a int);
RENAME TABLE before_rename TO renamed, copy2 TO elsewhere.copy3;
create table 1st (`a.b` int, `back``tick` int, `x` int comment 'it''s; \'quoted\'');
