package track

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/schema"
	"binmend/schema/dump"
)

// ddlDrawer draws statements that a server takes whose lower_case_table_names is 1, on tables of which some were there before the logs.
type ddlDrawer struct {
	*rand.Rand
	columns map[string]int // of the tables that are there, by name in lower case
}

func (d *ddlDrawer) of(words ...string) string { return words[d.IntN(len(words))] }

func (d *ddlDrawer) name() string {
	return d.of("f0", "f1", "F2", "f2", fmt.Sprintf("t%d", d.IntN(40)), fmt.Sprintf("T%d", d.IntN(40)))
}

// there draws a name until a table has it, or none has.
func (d *ddlDrawer) there(isThere bool) string {
	for range 1000 {
		name := d.name()
		if n := d.columns[strings.ToLower(name)]; n > 0 == isThere {
			return name
		}
	}
	return "none"
}

func (d *ddlDrawer) statement() string {
	lower := strings.ToLower
	switch d.IntN(16) {
	case 0, 1, 2, 3:
		name := d.name()
		delete(d.columns, lower(name))
		return "DROP TABLE IF EXISTS " + name
	case 4, 5, 6:
		name := d.there(false)
		d.columns[lower(name)] = 2
		return "CREATE TABLE " + name + " (a int, b " + d.of("int", "varchar(9)", "int unsigned") + ")"
	case 7:
		name := d.name()
		d.columns[lower(name)] = max(2, d.columns[lower(name)])
		return "CREATE TABLE IF NOT EXISTS " + name + " (a int, b " + d.of("int", "varchar(9)", "int unsigned") + ")"
	case 8, 9:
		from, to := d.there(true), d.there(false)
		d.columns[lower(to)] = d.columns[lower(from)]
		delete(d.columns, lower(from))
		return "RENAME TABLE " + from + " TO " + to
	case 10:
		from, to := d.there(true), d.there(false)
		d.columns[lower(to)] = d.columns[lower(from)]
		return "CREATE TABLE " + to + " LIKE " + from
	case 11:
		if d.IntN(10) == 0 {
			clear(d.columns)
			return "DROP DATABASE d"
		}
		return d.of("CREATE", "ALTER") + " DATABASE " + d.of("d", "e", "g") + " CHARACTER SET " + d.of("latin1", "utf8mb4")
	}
	name := d.there(true)
	n := d.columns[lower(name)]
	if d.IntN(2) == 0 {
		d.columns[lower(name)]++
		return fmt.Sprintf("ALTER TABLE %s ADD COLUMN c%d int", name, n)
	}
	return "ALTER TABLE " + name + " MODIFY b " + d.of("int", "varchar(9)", "int unsigned")
}

// TestForgottenNames: a tracker that forgets names says the same of each table as one that forgets none, or that it is not known.
func TestForgottenNames(t *testing.T) {
	defer func(size int) { maxSize = size }(maxSize)
	files := load(t, "CREATE DATABASE d; USE d; CREATE TABLE f0 (a int, b int); CREATE TABLE f1 (a int, b int); CREATE TABLE F2 (a int, b int);")
	known, forgot := 0, 0
	for seed := range uint64(24) {
		at, source := []At{Detect, Start, End}[seed%3], []Source{nil, files}[seed/3%2]
		d := &ddlDrawer{rand.New(rand.NewPCG(seed, 2)), map[string]int{"f0": 2, "f1": 2, "f2": 2, "t1": 2, "t2": 2}}
		var statements []dump.Statement
		for range 1000 {
			statements = append(statements, dump.Statement{Database: "d", SQL: d.statement()})
		}
		all, few := New(source, at), New(source, at)
		both := func(do func(*Tracker)) {
			maxSize = 1 << 30
			do(all)
			maxSize = 20_000
			do(few)
		}
		for i, st := range statements {
			both(func(tracker *Tracker) { tracker.Foresee(position(i), st) })
		}
		for i, st := range statements {
			both(func(tracker *Tracker) { _ = tracker.Apply(position(i), st) })
			for range 3 {
				var tables []*schema.Table
				var errs []error
				ref := schema.Ref{Database: "d", Table: d.name()}
				both(func(tracker *Tracker) {
					table, err := tracker.Table(context.Background(), ref)
					tables, errs = append(tables, table), append(errs, err)
				})
				switch {
				case errors.Is(errs[1], ErrForgotten):
					forgot++
				case errs[1] == nil && (errs[0] != nil || !reflect.DeepEqual(tables[0].Columns, tables[1].Columns)):
					t.Fatalf("seed %d, at %d, %q, table %s: %+v where all is kept: %+v, %v", seed, i, st.SQL, ref.Table, tables[1], tables[0], errs[0])
				case errs[1] == nil:
					known++
				}
			}
		}
	}
	if known < 2000 || forgot < 2000 {
		t.Errorf("%d tables known, %d forgotten", known, forgot)
	}
}

func position(i int) decoder.Position { return decoder.Position{File: "log", Offset: int64(i + 4)} }

// TestNamesAreBounded: what a log makes a tracker remember is bounded.
func TestNamesAreBounded(t *testing.T) {
	defer func(size int) { maxSize = size }(maxSize)
	maxSize = 1 << 20
	files := load(t, "CREATE DATABASE d; USE d; CREATE TABLE f (a int);")
	for _, sql := range []string{"DROP TABLE IF EXISTS t%d", "CREATE TABLE t%d (a int)", "CREATE TABLE t%d LIKE f", "ALTER TABLE t%d ADD b int",
		"RENAME TABLE t%d TO u%[1]d", "CREATE DATABASE d%d", "DROP DATABASE d%d", "CREATE TABLE A%d (a int);CREATE TABLE a%[1]d (a int);DROP TABLE A%[1]d, a%[1]d",
		"CREATE TABLE t%d (a int);DROP TABLE t%[1]d"} {
		tracker := New(files, Detect)
		for i := range 10_000 {
			for _, one := range strings.Split(fmt.Sprintf(sql, i), ";") {
				_ = tracker.Apply(position(i), dump.Statement{Database: "d", SQL: one})
			}
			_, _ = tracker.Table(context.Background(), schema.Ref{Database: "d", Table: fmt.Sprintf("r%d", i)})
		}
		if tracker.size > 2*maxSize || len(tracker.tables) > 2*maxSize/bytesOfTable || len(tracker.folded) > len(tracker.tables) ||
			len(tracker.order)+len(tracker.open) > 2*len(tracker.tables) {
			t.Errorf("%s: %d bytes, %d tables, %d in lower case, %d in order, %d open", sql, tracker.size, len(tracker.tables), len(tracker.folded),
				len(tracker.order), len(tracker.open))
		}
		if got, err := tracker.Table(context.Background(), schema.Ref{Database: "d", Table: "f"}); err != nil || len(got.Columns) != 1 {
			t.Errorf("%s: %v of a table that no statement names", sql, err)
		}
	}
}

func load(t *testing.T, sql string) *dump.Schema {
	t.Helper()
	files, err := dump.Load(strings.NewReader(sql), "schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	return files
}
