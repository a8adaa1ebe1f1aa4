package script_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/emit/control"
	"binmend/emit/plan"
	"binmend/emit/probe"
	"binmend/emit/repair"
	"binmend/emit/script"
	"binmend/emit/sqltext"
	"binmend/fixtures/golden"
	"binmend/schema"
)

// stored is a row of a replica, by its literals.
func stored(t *schema.Table, literals ...string) sqltext.Stored {
	s := sqltext.Stored{Table: t}
	for _, l := range literals {
		s.Literals = append(s.Literals, []byte(l))
	}
	return s
}

// probed is a plan with every kind of row, and what a replica has of them.
func probed(tables map[string]*schema.Table) *repair.Probed {
	p, item := everyRow(tables), tables["item"]
	long := "'" + strings.Repeat("ü", 100) + "'"
	other := stored(item, "12", "'A-7'", long, "'new'", "24")
	return &repair.Probed{Server: "replica7:3306", Result: &probe.Result{
		Plan: p, Planned: 40, Met: 2,
		Absences: []probe.Seen{
			{Rows: []sqltext.Stored{stored(item, "7", "'B'", "NULL", "'old'", "14")}},
			{Rows: []sqltext.Stored{other}},
			{Unasked: []*schema.Key{&item.Keys[2]}},
		},
		Presences: []probe.Seen{
			{Rows: []sqltext.Stored{stored(item, "8", "'O''Brian'", "''", "'new'", "16"), other}},
			{There: true},
			{},
		},
	}}
}

// strays is what is found out about rows in the way, of every kind.
func strays(tables map[string]*schema.Table) *repair.Probed {
	p := probed(tables)
	item := tables["item"]
	event := decoder.Position{File: "relay.000003", Offset: 4711}
	row := func(id, sku string) sqltext.Stored { return stored(item, id, sku, "NULL", "'old'", "14") }
	key := &item.Keys[0]
	for fate := probe.FateUnknown; fate <= probe.FateInTheWay; fate++ {
		p.Absences[0].Rows = append(p.Absences[0].Rows[:0], row("5", "'x'"))
		p.Plan.Absences = append(p.Plan.Absences, p.Plan.Absences[1])
		p.Absences = append(p.Absences, probe.Seen{Rows: []sqltext.Stored{row("5", "'x'")}, Found: []probe.Found{{Fate: fate, Key: key, Touch: event}}})
	}
	for i, fate := range []probe.Fate{probe.FateChanged, probe.FateThere, probe.FateThereNow} {
		id := []string{"5", "6", "7"}[i]
		p.Restored = append(p.Restored, probe.Restored{Row: row(id, "'y'"), Key: key, From: probe.Found{Fate: fate, Key: key, Touch: event},
			Origin: at(1100, decoder.EventWriteRows, 1), Seen: probe.Seen{Rows: []sqltext.Stored{row(id, "'x'")}}})
	}
	p.Restored[2].Rows = []sqltext.Stored{row("9", "'y'")} // nothing of its own key is there
	return p
}

// What a replica has stands at each statement; the undo script takes back what the script does.
func TestProbed(t *testing.T) {
	nothing := &repair.Probed{Server: "/run/mysqld.sock", Result: &probe.Result{Plan: &plan.Plan{}, Planned: 1}}
	for name, test := range map[string]struct {
		replica control.Input
		probed  *repair.Probed
		options script.Options
	}{
		"probed":         {mysql97(), probed(shop(t)), script.Options{}},
		"probed-strays":  {mysql97(), strays(shop(t)), script.Options{}},
		"probed-mariadb": {mariaDB118(), probed(shop(t)), script.Options{LogBin: true}},
		"probed-nothing": {mysql97(), nothing, script.Options{}},
	} {
		t.Run(name, func(t *testing.T) {
			r := &repair.Repair{Replica: test.replica, Facts: facts(), Plan: test.probed.Plan, Probed: test.probed}
			var out, undo bytes.Buffer
			if err := script.Write(&out, r, test.options); err != nil {
				t.Fatal(err)
			}
			if err := script.WriteUndo(&undo, r, test.options); err != nil {
				t.Fatal(err)
			}
			golden.Check(t, filepath.Join("testdata", name+".sql"), out.String())
			golden.Check(t, filepath.Join("testdata", name+"-undo.sql"), undo.String())
		})
	}
}
