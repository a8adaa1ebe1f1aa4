package plan_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/logfile"
	"binmend/decoder/statement"
	"binmend/emit/plan"
	"binmend/schema"
	"binmend/schema/dump"
)

// TestLogsOfRealServers walks logs of real servers from one DDL statement to the next. A walk that lost track of a row
// or of a key value would find two rows with one value.
func TestLogsOfRealServers(t *testing.T) {
	const corpus = "../../../shared/corpus"
	if _, err := os.Stat(corpus); err != nil {
		t.Skip("no corpus of logs beside the repository")
	}
	for _, pattern := range []string{"mysql-9.7", "mariadb-10.11/written", "mariadb-11.8/written"} {
		logs, err := filepath.Glob(filepath.Join(corpus, pattern, "*.binlog"))
		if err != nil {
			t.Fatal(err)
		}
		for _, log := range logs {
			t.Run(strings.TrimPrefix(log, corpus+"/"), func(t *testing.T) {
				tables, err := dump.LoadFiles(filepath.Join(filepath.Dir(log), "schema.sql"))
				if err != nil {
					t.Skip(err)
				}
				for _, pl := range walk(t, log, tables) {
					for _, c := range pl.Contradictions {
						t.Errorf("two rows of %s have one value of key %s: %v and %v", c.Row.Table.Name, c.Key.Name, c.Holder, c.Origin)
					}
				}
			})
		}
	}
}

// walk plans each run of transactions between DDL statements. It leaves out tables without a definition, and ends
// where the log can't be read.
func walk(t *testing.T, log string, tables schema.Resolver) []*plan.Plan {
	files := logfile.OpenFiles(log)
	t.Cleanup(func() { files.Close() })
	var plans []*plan.Plan
	p := plan.NewPlanner()
	for e, err := range decoder.NewReader(files).All() {
		switch {
		case err != nil:
			t.Log(err)
			return append(plans, p.Plan())
		case e.IsRows():
			if err := takeRows(p, e, tables); err != nil {
				t.Fatalf("%v: %v", e.Pos, err)
			}
		case isDDL(t, e):
			plans = append(plans, p.Plan())
			p = plan.NewPlanner()
		}
	}
	return append(plans, p.Plan())
}

func takeRows(p *plan.Planner, e *decoder.Event, tables schema.Resolver) error {
	rows, err := e.Rows()
	if err != nil || rows.Map == nil {
		return err
	}
	ref := schema.Ref{Database: rows.Map.Database, Table: rows.Map.Table, Map: rows.Map, Pos: e.Pos}
	table, err := tables.Table(context.Background(), ref)
	if err != nil {
		return nil
	}
	for row, err := range rows.All() {
		if err != nil {
			return nil // the decoder's matter
		}
		o := plan.Origin{Pos: e.Pos, Type: e.Type, Row: rows.Number()}
		switch rows.Kind {
		case decoder.Insert:
			err = p.Insert(table, row.After, o)
		case decoder.Update:
			err = p.Update(table, row.Before, row.After, o)
		case decoder.Delete:
			err = p.Delete(table, row.Before, o)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// isDDL reports whether the event is a statement that is not part of a transaction of row changes.
func isDDL(t *testing.T, e *decoder.Event) bool {
	if e.Type != decoder.EventQuery {
		return false
	}
	q, err := e.Query()
	if err != nil {
		t.Fatal(err)
	}
	return statement.Read(&q, e.Format.Server).Kind != statement.Control
}
