package statement_test

import (
	"testing"

	"binmend/decoder/statement"
)

func TestReadConstraints(t *testing.T) {
	for _, c := range []struct {
		sql, without string
		check        bool
	}{
		{"CREATE TABLE c (id INT, p INT REFERENCES p(id) ON DELETE CASCADE, q INT)", "CREATE TABLE c (id INT, p INT , q INT)", false},
		{"CREATE TABLE c (p INT references `d`.`p q` (a, b) MATCH FULL ON UPDATE NO ACTION ON DELETE SET NULL NOT NULL)", "CREATE TABLE c (p INT  NOT NULL)", false},
		{"CREATE TABLE c (p INT REFERENCES p ON DELETE SET DEFAULT DEFAULT 3 CHECK (p > 0))", "CREATE TABLE c (p INT  DEFAULT 3 CHECK (p > 0))", true},
		{"CREATE TABLE c (p INT, FOREIGN KEY (p, q) REFERENCES p(id) ON DELETE CASCADE, r INT REFERENCES r)", "CREATE TABLE c (p INT, FOREIGN KEY (p, q) REFERENCES p(id) ON DELETE CASCADE, r INT )", false},
		{"ALTER TABLE c ADD x INT REFERENCES d.p(id) /* on */ AFTER y, ADD FOREIGN KEY f (x) REFERENCES y (z)", "ALTER TABLE c ADD x INT  /* on */ AFTER y, ADD FOREIGN KEY f (x) REFERENCES y (z)", false},
		{"CREATE TABLE c (`references` INT, `check` INT COMMENT 'REFERENCES p(id) CHECK (1)')", "CREATE TABLE c (`references` INT, `check` INT COMMENT 'REFERENCES p(id) CHECK (1)')", false},
		{"CREATE TABLE c (p INT REFERENCES", "CREATE TABLE c (p INT ", false},
	} {
		found, got, at := statement.ReadConstraints([]byte(c.sql), statement.Context{}), "", 0
		for _, s := range found.References {
			got, at = got+c.sql[at:s.Start], s.End
		}
		if got += c.sql[at:]; got != c.without || found.HasCheck != c.check {
			t.Errorf("%s:\ngot  %s, check %v\nwant %s, %v", c.sql, got, found.HasCheck, c.without, c.check)
		}
	}
}
