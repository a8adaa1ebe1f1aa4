package rowmeta_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"binmend/decoder"
	"binmend/decoder/logfile"
	"binmend/schema"
	"binmend/schema/dump"
	"binmend/schema/rowmeta"
)

// TestCorpusAgainstDump makes tables out of logs written with binlog_row_metadata=FULL and compares them with the dump
// of the same server.
func TestCorpusAgainstDump(t *testing.T) {
	const corpus = "../../../shared/corpus"
	if _, err := os.Stat(corpus); err != nil {
		t.Skip("no corpus beside the repository")
	}
	for _, log := range []string{
		"mysql-9.7/full-fullmeta.binlog", "mariadb-10.5/written/fullmeta.binlog",
		"mariadb-10.11/written/fullmeta.binlog", "mariadb-11.8/written/fullmeta.binlog",
	} {
		t.Run(log, func(t *testing.T) {
			path := filepath.Join(corpus, log)
			tables, err := dump.LoadFiles(filepath.Join(filepath.Dir(path), "schema.sql"))
			if err != nil {
				t.Fatal(err)
			}
			for name, m := range tableMaps(t, path) {
				got, err := rowmeta.Table(m)
				if err != nil {
					t.Error(err)
					continue
				}
				want, err := tables.Table(context.Background(), schema.Ref{Database: m.Database, Table: m.Table})
				if err != nil || schema.Verify(want, m) != nil {
					continue // altered inside the log
				}
				compare(t, name, got, want)
			}
		})
	}
}

// tableMaps reads the table maps of a log, the last one of each table.
func tableMaps(t *testing.T, path string) map[string]*decoder.TableMap {
	t.Helper()
	f, err := logfile.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	maps := map[string]*decoder.TableMap{}
	for e, err := range decoder.NewReader(f).All() {
		if err != nil {
			t.Fatal(err)
		}
		if !e.IsRows() {
			continue
		}
		rows, err := e.Rows()
		if err != nil {
			t.Fatal(err)
		}
		if rows.Map != nil {
			maps[rows.Map.Table] = rows.Map
		}
	}
	return maps
}

// compare checks what the log tells against the dump.
func compare(t *testing.T, name string, got, want *schema.Table) {
	t.Helper()
	for i := range want.Columns {
		g, w := told(got.Columns[i], want.Columns[i]), told(want.Columns[i], want.Columns[i])
		if g != w {
			t.Errorf("%s, column %d:\n got %s\nwant %s", name, i+1, g, w)
		}
	}
	if g, w := firstKey(got), firstKey(want); !reflect.DeepEqual(g, w) && !want.SystemVersioned {
		t.Errorf("%s: first key %v, want %v", name, g, w)
	}
}

// firstKey is the primary key, or the unique key that servers write in its place.
func firstKey(t *schema.Table) []schema.KeyPart {
	for _, k := range t.Keys {
		nullable := false
		for _, p := range k.Parts {
			nullable = nullable || p.Column < 0 || p.Prefix > 0 || t.Columns[p.Column].Nullable
		}
		if k.Primary || !nullable {
			return k.Parts
		}
	}
	return nil
}

// told writes what the row metadata can tell of a column. It leaves out ZEROFILL, the collation where the dump does not
// tell it, members that the dump spoils, and how MariaDB's types of its own differ from BINARY and VARBINARY.
func told(c, dumped schema.Column) string {
	c.Zerofill = false
	if dumped.Collation == "" {
		c.Collation = ""
	}
	switch dumped.Type {
	case schema.TypeUUID, schema.TypeInet4, schema.TypeInet6, schema.TypeVector:
		c.Type, c.Length, c.Charset = dumped.Type, dumped.Length, ""
	case schema.TypeEnum, schema.TypeSet:
		members := make([]string, len(dumped.Members))
		for i := range members {
			members[i] = "?"
			if _, ok := dumped.MemberName(i + 1); ok && i < len(c.Members) {
				members[i] = c.Members[i]
			}
		}
		c.Members = members
	}
	return fmt.Sprintf("%q %s %s %s %v %v", c.Name, c.SQLType(), c.Charset, c.Collation, c.Compressed, c.Nullable)
}
