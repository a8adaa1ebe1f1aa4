package track

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"binmend/fixtures/servers"
	"binmend/schema"
)

// TestRandom draws statements and lets servers say what they lead to. Most are not taken, as they name what is not there.
func TestRandom(t *testing.T) {
	const wanted, most = 150, 5000
	for i, line := range servers.Lines() {
		t.Run(line.String(), func(t *testing.T) {
			seed := uint64(i + 1)
			t.Logf("seed %d", seed)
			d := &drawer{Rand: rand.New(rand.NewPCG(seed, 7)), encode: " CONVERT TO CHARACTER SET "}
			if line != servers.MySQL56 {
				// 5.6 keeps the table's own default when CONVERT TO finds no column to convert.
				d.encode = " DEFAULT CHARACTER SET "
			}
			c := newComparison(t, line)
			c.run("CREATE TABLE t (z varchar(9), a int PRIMARY KEY, b varchar(20) UNIQUE, c int)")
			taken := 0
			for tried := 0; taken < wanted && tried < most; tried++ {
				d.look(c.tracker)
				sql := d.statement()
				if readds(sql) {
					continue
				}
				if c.run(sql) && !strings.HasPrefix(sql, "DROP TABLE") {
					taken++
				}
			}
			if taken < wanted {
				t.Errorf("the server took %d of %d statements", taken, most)
			}
		})
	}
}

var (
	goneColumn  = regexp.MustCompile("(?:DROP|RENAME COLUMN) (?:COLUMN )?`?(\\w)\\b")
	addedColumn = regexp.MustCompile("ADD (?:COLUMN )?`?(\\w)\\b")
)

// readds reports whether a statement adds a column under the name of one that goes. What becomes of the keys then is not
// followed: they count as many bytes of the new column as the old one had, and MariaDB leaves them to the new one even
// when the old one is only renamed.
func readds(sql string) bool {
	gone := map[string]bool{}
	for _, m := range goneColumn.FindAllStringSubmatch(sql, -1) {
		gone[strings.ToLower(m[1])] = true
	}
	return slices.ContainsFunc(addedColumn.FindAllStringSubmatch(sql, -1), func(m []string) bool {
		return gone[strings.ToLower(m[1])]
	})
}

// drawer draws statements over the tables t and u and the columns a to h, more often those that are there.
type drawer struct {
	*rand.Rand
	there  []string
	encode string
}

// look notes the columns of t.
func (d *drawer) look(tracker *Tracker) {
	d.there = []string{"a"}
	if t, err := tracker.Table(context.Background(), schema.Ref{Database: "d", Table: "t"}); err == nil {
		for i := range t.Columns {
			if t.Columns[i].Name != "z" {
				d.there = append(d.there, t.Columns[i].Name)
			}
		}
	}
}

func (d *drawer) of(words ...string) string { return words[d.IntN(len(words))] }

func (d *drawer) column() string {
	if d.IntN(3) > 0 {
		return d.of(d.there...)
	}
	return d.of("a", "b", "c", "d", "e", "f", "g", "h", "B", "`c`")
}

func (d *drawer) table() string { return d.of("t", "t", "t", "t", "u", "d.t") }

func (d *drawer) statement() string {
	switch d.IntN(20) {
	case 0:
		return "CREATE TABLE " + d.of("", "IF NOT EXISTS ") + d.table() + " (z varchar(9), " + d.list(3, d.definition) +
			d.of("", ", PRIMARY KEY ("+d.column()+")", ", UNIQUE ("+d.keyParts()+")") + ")" + d.of("", " CHARSET latin1", " COLLATE utf8mb4_bin")
	case 1:
		return "CREATE TABLE " + d.table() + " LIKE " + d.table()
	case 2:
		return "RENAME TABLE " + d.table() + " TO " + d.of("t", "u", "w") + d.of("", ", w TO "+d.table())
	case 3:
		return "DROP TABLE IF EXISTS " + d.of("u", "w")
	case 4:
		return "CREATE " + d.of("", "UNIQUE ") + "INDEX " + d.of("i", "j", "a", "b") + " ON " + d.table() + " (" + d.keyParts() + ")"
	case 6:
		return "ALTER TABLE " + d.table() + d.of(" CONVERT TO CHARACTER SET ", d.encode) + d.of("latin1", "utf8mb4")
	case 5:
		return "DROP INDEX " + d.of("i", "j", "a", "b", "a_2") + " ON " + d.table()
	}
	return "ALTER TABLE " + d.table() + " " + d.list(1+d.IntN(3), d.action)
}

func (d *drawer) list(n int, draw func() string) string {
	var items []string
	for range n {
		items = append(items, draw())
	}
	return strings.Join(items, ", ")
}

func (d *drawer) definition() string { return d.column() + " " + d.typ() }

func (d *drawer) typ() string {
	t := d.of("int", "bigint unsigned", "varchar(5)", "varchar(20)", "varchar(30) CHARACTER SET latin1", "text", "tinytext",
		"char(6)", "varbinary(9)", "blob", "decimal(8,3)", "datetime(2)", "enum('x','y')", "bit(4)", "year", "time", "float")
	return t + d.of("", "", "", " NOT NULL", " NULL", " UNIQUE", " DEFAULT NULL", " COMMENT 'FIRST'")
}

func (d *drawer) place() string { return d.of("", "", "", " FIRST", " AFTER "+d.column()) }

func (d *drawer) keyParts() string {
	return d.list(1+d.IntN(2), func() string { return d.column() + d.of("", "", "", "(3)", "(5)") })
}

func (d *drawer) action() string {
	switch d.IntN(15) {
	case 0, 1, 2:
		return "ADD " + d.of("", "COLUMN ") + d.definition() + d.place()
	case 3, 4:
		return "DROP " + d.of("", "COLUMN ") + d.column()
	case 5, 6:
		return "MODIFY " + d.definition() + d.place()
	case 7, 8:
		return "CHANGE " + d.column() + " " + d.definition() + d.place()
	case 9:
		return "ADD " + d.of("UNIQUE", "UNIQUE KEY", "KEY", "CONSTRAINT k UNIQUE") + d.of("", " i", " j", " a") + " (" + d.keyParts() + ")"
	case 10:
		return "DROP KEY " + d.of("i", "j", "a", "b", "k", "a_2", "b_2")
	case 11:
		return d.of("DROP PRIMARY KEY", "ADD PRIMARY KEY ("+d.keyParts()+")")
	case 12:
		return "RENAME COLUMN " + d.column() + " TO " + d.column()
	case 13:
		return "ALTER COLUMN " + d.column() + d.of(" DROP DEFAULT", " SET DEFAULT 1")
	}
	return fmt.Sprintf("RENAME %s %s TO %s", d.of("KEY", "INDEX"), d.of("i", "a", "b"), d.of("i", "j", "k"))
}
