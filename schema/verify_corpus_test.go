package schema_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/logfile"
	"binmend/schema"
	"binmend/schema/dump"
)

// TestVerifyCorpus compares every table of the corpus's schema files with the table maps of the logs beside them. They
// must agree but for the tables that the logs alter on purpose.
func TestVerifyCorpus(t *testing.T) {
	const corpus = "../../shared/corpus"
	if _, err := os.Stat(corpus); err != nil {
		t.Skip("no corpus beside the repository")
	}
	compared := 0
	err := filepath.WalkDir(corpus, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != "schema.sql" && d.Name() != "replica-schema.sql" {
			return err
		}
		tables, err := dump.LoadFiles(path)
		if err != nil {
			return err
		}
		logs, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*bin*"))
		if err != nil {
			return err
		}
		for _, log := range logs {
			compared += verifyLog(t, tables, log)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if compared == 0 {
		t.Error("no table map was compared")
	}
}

// verifyLog compares the table maps of one log; it returns how many there were. Logs that can't be read are not this
// test's business.
func verifyLog(t *testing.T, tables schema.Resolver, path string) int {
	f, err := logfile.Open(path)
	if err != nil {
		return 0
	}
	defer f.Close()
	seen := map[*decoder.TableMap]bool{}
	for e, err := range decoder.NewReader(f).All() {
		if err != nil {
			break
		}
		if !e.IsRows() {
			continue
		}
		rows, err := e.Rows()
		if err != nil || rows.Map == nil || seen[rows.Map] {
			continue
		}
		seen[rows.Map] = true
		verifyMap(t, tables, path, rows.Map)
	}
	return len(seen)
}

func verifyMap(t *testing.T, tables schema.Resolver, path string, m *decoder.TableMap) {
	t.Helper()
	table, err := tables.Table(context.Background(), schema.Ref{Database: m.Database, Table: m.Table, Map: m})
	if errors.Is(err, dump.ErrMissingTable) {
		return // made inside the log
	}
	if err != nil {
		t.Errorf("%s: %v", path, err)
		return
	}
	alteredOnPurpose := m.Table == "t_ddl" || strings.Contains(path, "ddl-between")
	if err := schema.Verify(table, m); err != nil && !alteredOnPurpose {
		t.Errorf("%s: %v", path, err)
	}
}
