package script_test

import (
	"bytes"
	"strings"
	"testing"

	"binmend/emit/plan"
	"binmend/emit/probe"
	"binmend/emit/script"
	"binmend/emit/sqltext"
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
func probed(tables map[string]*schema.Table) *script.Probed {
	p, item := repair(tables), tables["item"]
	long := "'" + strings.Repeat("ü", 100) + "'"
	other := stored(item, "12", "'A-7'", long, "'new'", "24")
	return &script.Probed{Server: "replica7:3306", Result: &probe.Result{
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

// What a replica has stands at each statement; the undo script takes back what the script does.
func TestProbed(t *testing.T) {
	for name, in := range map[string]script.Input{
		"probed":         {Replica: mysql97(), Facts: facts(), Probed: probed(shop(t))},
		"probed-mariadb": {Replica: mariaDB118(), Facts: facts(), Probed: probed(shop(t)), LogBin: true},
		"probed-nothing": {Replica: mysql97(), Facts: facts(), Probed: &script.Probed{Server: "/run/mysqld.sock",
			Result: &probe.Result{Plan: &plan.Plan{}, Planned: 1}}},
	} {
		t.Run(name, func(t *testing.T) {
			var out, undo bytes.Buffer
			if err := script.Write(&out, in); err != nil {
				t.Fatal(err)
			}
			if err := script.WriteUndo(&undo, in); err != nil {
				t.Fatal(err)
			}
			golden(t, name+".sql", out.String())
			golden(t, name+"-undo.sql", undo.String())
		})
	}
}
