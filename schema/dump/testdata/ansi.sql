-- mysqldump --compatible=ansi
CREATE TABLE "t" (
  "id" int(11) NOT NULL,
  "say ""hi""" varchar(10) DEFAULT 'a "b"',
  "g" int GENERATED ALWAYS AS ("id" + 1) VIRTUAL,
  PRIMARY KEY ("id"),
  UNIQUE KEY "u" ("say ""hi"""(3))
);
ALTER TABLE "t" ADD UNIQUE KEY "by g" ("g");
DROP TABLE IF EXISTS "nothing";
