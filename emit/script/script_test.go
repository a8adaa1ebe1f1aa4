package script_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"binmend/decoder"
	"binmend/emit/control"
	"binmend/emit/plan"
	"binmend/emit/probe"
	"binmend/emit/repair"
	"binmend/emit/script"
	"binmend/fixtures/golden"
	"binmend/schema"
	"binmend/schema/dump"
)

const definitions = `USE shop;
CREATE TABLE item (id INT PRIMARY KEY, sku VARCHAR(20) UNIQUE, note TEXT, state ENUM('new','old') NOT NULL,
  total INT AS (id * 2), UNIQUE KEY low ((lower(note)))) CHARSET utf8mb4 COLLATE utf8mb4_0900_ai_ci;
CREATE TABLE child (id INT PRIMARY KEY, pid INT, CONSTRAINT fk FOREIGN KEY (pid) REFERENCES item (id) ON DELETE CASCADE);
CREATE TABLE place (id INT PRIMARY KEY, hall INT, seat INT, UNIQUE KEY seat (hall, seat));
CREATE TABLE log (a INT, b VARCHAR(20)) ENGINE=MyISAM CHARSET latin1;
`

// shop returns the tables of the tests by name.
func shop(t testing.TB) map[string]*schema.Table {
	t.Helper()
	s, err := dump.Load(strings.NewReader(definitions), "schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range s.Problems {
		t.Fatal(p)
	}
	tables := map[string]*schema.Table{}
	for _, table := range s.Tables() {
		tables[table.Name] = table
	}
	return tables
}

func number(v int) decoder.Cell {
	return decoder.NewCell(&decoder.Column{Type: decoder.TypeLong}, []byte{byte(v), byte(v >> 8), 0, 0})
}

func text(s string) decoder.Cell {
	return decoder.NewCell(&decoder.Column{Type: decoder.TypeVarchar}, []byte(s))
}

func member(v byte) decoder.Cell {
	return decoder.NewCell(&decoder.Column{Type: decoder.TypeEnum}, []byte{v})
}

func at(offset int64, kind decoder.EventType, row int) plan.Origin {
	return plan.Origin{Pos: decoder.Position{File: "relay.000002", Offset: offset}, Type: kind, Row: row, Transaction: 1}
}

func facts() repair.Facts {
	return repair.Facts{
		Files: []string{"relay.000002"}, Begin: decoder.Position{File: "relay.000002", Offset: 1042},
		End: decoder.Position{File: "relay.000002", Offset: 1291}, Widened: true, Transactions: 1,
		Time:   time.Date(2026, 11, 21, 3, 4, 5, 0, time.UTC),
		Writer: decoder.Version{Major: 9, Minor: 7, Patch: 4, Text: "9.7.4"}, WriterID: 1, Schema: []string{"schema.sql"},
	}
}

var (
	failing = control.Coordinates{File: "source-bin.000007", Pos: 498}
	next    = control.Coordinates{File: "source-bin.000007", Pos: 2164}
)

func mysql97() control.Input {
	return control.Input{Version: decoder.Version{Major: 9, Minor: 7, Patch: 4, Text: "9.7.4"}, Errno: 1062,
		Message: "Could not execute Write_rows event on table shop.item; Duplicate entry '7' for key 'item.PRIMARY'",
		GTID:    "135ed1fd-e555-11f1-955a-02fc00000001:4", UsesGTID: true, Workers: 4, Failing: failing, Next: next}
}

func mysql56() control.Input {
	return control.Input{Version: decoder.Version{Major: 5, Minor: 6, Patch: 24, Text: "5.6.24-log"}, Errno: 1032, Failing: failing, Next: next}
}

// otherDocument is a replica whose row has another JSON document than the one of which a part changes.
func otherDocument() control.Input {
	in := mysql97()
	in.Errno, in.Message = 3648, "Could not execute Update_rows_partial event on table shop.item; Could not apply JSON diff in table item, column doc."
	return in
}

func mariaDB118() control.Input {
	return control.Input{Version: decoder.Version{Flavor: decoder.MariaDB, Major: 11, Minor: 8, Patch: 6, Text: "11.8.6-MariaDB"},
		Errno: 1062, Channel: "east", GTID: "0-1-154", UsesGTID: true, SlavePos: "0-1-153", Failing: failing, Next: next}
}

// everyRow is a plan with every kind of row.
func everyRow(tables map[string]*schema.Table) *plan.Plan {
	item, child, log := tables["item"], tables["child"], tables["log"]
	child.Triggers = []schema.Trigger{{Name: "child_ai", Timing: "AFTER", Event: "INSERT", Writes: []string{"shop.audit"}}}
	row := schema.Row{Table: item, Cells: []decoder.Cell{number(7), text("A-7"), text("Schöne\nGrüße"), member(1), number(14)}}
	return &plan.Plan{
		Tables: []*schema.Table{item, child, log},
		Absences: []plan.Absence{
			{Row: row, Key: &item.Keys[0], Origin: at(1100, decoder.EventWriteRows, 1)},
			{Row: row, Key: &item.Keys[1], Origin: at(1100, decoder.EventWriteRows, 1), Spare: []schema.KeyedRow{
				{Row: schema.Row{Table: item, Cells: []decoder.Cell{number(9), {}, {}, {}, {}}}, Key: &item.Keys[0]}}},
			{Row: row, Key: &item.Keys[2], Origin: at(1100, decoder.EventWriteRows, 1)},
		},
		Presences: []plan.Presence{
			{Row: schema.Row{Table: item, Cells: []decoder.Cell{number(8), text("O'Brien"), {}, member(0), {}}}, Key: &item.Keys[0], Fill: []int{2},
				Origin: at(1180, decoder.EventUpdateRows, 2)},
			{Row: schema.Row{Table: child, Cells: []decoder.Cell{number(1), decoder.NullCell(nil)}}, Key: &child.Keys[0], Origin: at(1220, decoder.EventDeleteRows, 1)},
			{Row: schema.Row{Table: log, Cells: []decoder.Cell{number(1), text("caf\xe9")}}, Count: 2, Origin: at(1240, decoder.EventDeleteRows, 2)},
		},
	}
}

func TestScripts(t *testing.T) {
	minimal := func(tables map[string]*schema.Table) *plan.Plan {
		item := tables["item"]
		return &plan.Plan{Tables: []*schema.Table{item}, Refusals: []plan.Refusal{
			{Row: schema.Row{Table: item, Cells: []decoder.Cell{number(7), {}, {}, {}, {}}}, Key: &item.Keys[0], Needs: []int{1, 2, 3},
				Origin: at(1180, decoder.EventUpdateRows, 1)},
			{Row: schema.Row{Table: item, Cells: []decoder.Cell{number(8), {}, {}, {}, {}}}, Key: &item.Keys[0], Needs: []int{1}, Fill: []int{2, 3},
				Deleted: true, Origin: at(1200, decoder.EventDeleteRows, 1)},
		}}
	}
	for name, test := range map[string]struct {
		replica control.Input
		plan    func(map[string]*schema.Table) *plan.Plan
		change  func(*repair.Repair, *script.Options)
	}{
		"mysql-9.7-gtid":          {mysql97(), everyRow, nil},
		"mysql-5.6-position":      {mysql56(), everyRow, nil},
		"mariadb-11.8-connection": {mariaDB118(), everyRow, nil},
		"log-bin-several-transactions": {mysql97(), everyRow, func(r *repair.Repair, o *script.Options) {
			o.LogBin = true
			r.Facts.Transactions = 2
			r.Facts.End.File = "relay.000003"
			r.Facts.GTIDs = []string{"135ed1fd-e555-11f1-955a-02fc00000001:4", "135ed1fd-e555-11f1-955a-02fc00000001:5"}
		}},
		"1032-that-can-not-be-rebuilt": {mysql56(), minimal, nil},
		"1032-held-back": {mysql56(), func(tables map[string]*schema.Table) *plan.Plan {
			p := everyRow(tables)
			p.Refusals = minimal(tables).Refusals
			return p
		}, nil},
		"3648-held-back": {otherDocument(), func(tables map[string]*schema.Table) *plan.Plan {
			p := everyRow(tables)
			p.Refusals = minimal(tables).Refusals
			return p
		}, nil},
		"1062-with-rows-that-can-not-be-rebuilt": {mysql97(), func(tables map[string]*schema.Table) *plan.Plan {
			p := minimal(tables)
			p.Absences = everyRow(tables).Absences[:1]
			item := tables["item"]
			p.UnknownKeys = []plan.UnknownKey{{Row: p.Refusals[0].Row, Key: &item.Keys[1], Needs: []int{1}, Origin: at(1180, decoder.EventUpdateRows, 1)}}
			p.Contradictions = []plan.Contradiction{{Row: p.Refusals[0].Row, Key: &item.Keys[1], Origin: at(1180, decoder.EventUpdateRows, 3),
				Holder: at(1100, decoder.EventWriteRows, 1)}}
			return p
		}, nil},
		"1062-of-a-key-that-the-log-does-not-hold": {mysql97(), func(tables map[string]*schema.Table) *plan.Plan {
			place := tables["place"]
			return &plan.Plan{UnknownKeys: []plan.UnknownKey{{
				Row: schema.Row{Table: place, Cells: []decoder.Cell{number(2), number(5), {}}}, Key: &place.Keys[1], Needs: []int{2}, Origin: at(527, decoder.EventUpdateRows, 1),
				Own: schema.KeyedRow{Row: schema.Row{Table: place, Cells: []decoder.Cell{number(2), {}, {}}}, Key: &place.Keys[0]},
			}}}
		}, func(r *repair.Repair, _ *script.Options) {
			r.Probed = &repair.Probed{Result: &probe.Result{Plan: r.Plan, Met: 1}, Server: "db2"}
		}},
		"1062-in-two-databases-with-one-definition": {mysql97(), func(tables map[string]*schema.Table) *plan.Plan {
			p := &plan.Plan{}
			for _, database := range []string{"shop", "archive"} {
				place := *tables["place"]
				place.Database, place.AnyDatabase = database, true
				row := schema.Row{Table: &place, Cells: []decoder.Cell{number(2), number(5), number(6)}}
				p.Tables = append(p.Tables, &place)
				p.Absences = append(p.Absences, plan.Absence{Row: row, Key: &place.Keys[1], Origin: at(527, decoder.EventUpdateRows, 1)})
			}
			return p
		}, nil},
		"nothing-to-repair": {mysql97(), func(map[string]*schema.Table) *plan.Plan { return &plan.Plan{} }, nil},
		"1146-explained": {mysql97(), nil, func(r *repair.Repair, _ *script.Options) {
			r.Replica.Errno, r.Replica.Message = 1146, "Error executing row event: 'Table 'shop.gone' doesn't exist'"
		}},
		"4711-unknown": {mariaDB118(), nil, func(r *repair.Repair, _ *script.Options) {
			r.Replica.Errno, r.Replica.Message = 4711, "Something\nelse \\! rm -rf / \x1b[2J"
		}},
	} {
		t.Run(name, func(t *testing.T) {
			r, o := &repair.Repair{Replica: test.replica, Facts: facts()}, script.Options{}
			if test.plan != nil {
				r.Plan = test.plan(shop(t))
			}
			if test.change != nil {
				test.change(r, &o)
			}
			var out bytes.Buffer
			if err := script.Write(&out, r, o); err != nil {
				t.Fatal(err)
			}
			golden.Check(t, filepath.Join("testdata", name+".sql"), out.String())
		})
	}
}

func TestAScriptThatCanNotBeCompletedCommitsNothing(t *testing.T) {
	p := everyRow(shop(t))
	p.Presences[0].Fill = nil // the log does not hold this column
	var out bytes.Buffer
	err := script.Write(&out, &repair.Repair{Replica: mysql97(), Facts: facts(), Plan: p}, script.Options{})
	if want := "table shop.item: column note: expected a value, but the log does not hold it"; err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
	got := out.String()
	if strings.Contains(got, "\nCOMMIT;") || strings.Contains(got, "\nSTART REPLICA") || !strings.HasSuffix(got, "\nROLLBACK;\n") {
		t.Errorf("the script ends in\n%s", got[max(0, len(got)-600):])
	}
}

type fullDisk struct{ room int }

var errFull = errors.New("no space left")

func (d *fullDisk) Write(b []byte) (int, error) {
	if len(b) > d.room {
		return d.room, errFull
	}
	d.room -= len(b)
	return len(b), nil
}

// TestNamesThatClientsAlter: a name that a client would not pass on as it is ends the script, which commits nothing.
func TestNamesThatClientsAlter(t *testing.T) {
	for _, name := range []string{"a\r\nb", "a\\\nb", "a\\", "a\x00b"} {
		tables := shop(t)
		for _, table := range tables {
			table.Name = name
		}
		var out bytes.Buffer
		err := script.Write(&out, &repair.Repair{Plan: everyRow(tables), Facts: facts(), Replica: mysql97()}, script.Options{})
		if err == nil || !strings.Contains(err.Error(), "can't go through a client") || strings.Contains(out.String(), "COMMIT;") {
			t.Errorf("%q: the error %v, and\n%s", name, err, out.String())
		}
	}
}

func TestAnOutputThatFailsIsReported(t *testing.T) {
	for _, room := range []int{0, 100, 5000} {
		if err := script.Write(&fullDisk{room}, &repair.Repair{Replica: mysql97(), Facts: facts(), Plan: everyRow(shop(t))}, script.Options{}); !errors.Is(err, errFull) {
			t.Errorf("with room for %d bytes: got error %v, want %v", room, err, errFull)
		}
	}
}

var ansi = regexp.MustCompile("\x1b\\[[0-9;]*m")

func TestColourStaysInComments(t *testing.T) {
	write := func(color bool) string {
		var out bytes.Buffer
		if err := script.Write(&out, &repair.Repair{Replica: mysql97(), Facts: facts(), Plan: everyRow(shop(t))}, script.Options{Color: color}); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	plain, colored := write(false), write(true)
	if !ansi.MatchString(colored) || ansi.MatchString(plain) {
		t.Fatal("only the coloured script is to have colours")
	}
	if ansi.ReplaceAllString(colored, "") != plain {
		t.Error("without its colours the script differs from the plain one")
	}
	for line := range strings.Lines(colored) {
		if ansi.MatchString(line) && !strings.HasPrefix(line, "-- ") {
			t.Errorf("colour outside of a comment: %q", line)
		}
	}
}

func TestLargeStatementsAreAnnounced(t *testing.T) {
	p := everyRow(shop(t))
	p.Presences = p.Presences[:0]
	p.Absences = p.Absences[:1]
	item := p.Absences[0].Row.Table
	row := schema.Row{Table: item, Cells: []decoder.Cell{number(7), text("A"), text(strings.Repeat("x", 2<<20)), member(1), number(14)}}
	p.Presences = append(p.Presences, plan.Presence{Row: row, Key: &item.Keys[0]})
	var out bytes.Buffer
	if err := script.Write(&out, &repair.Repair{Replica: mysql97(), Facts: facts(), Plan: p}, script.Options{}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "-- CHECK: the next statement is 20972") {
		t.Error("a statement of 2 MiB is not announced")
	}
}
