package changes

import (
	"strings"
	"testing"

	"binmend/schema"
	"binmend/schema/dump"
)

// The foreign keys of all tables are gathered once, not for each table that refers or is referred to: 10,000 tables would ask for
// them 10,000 times.
func TestReferencesAreGatheredOnce(t *testing.T) {
	files, err := dump.Load(strings.NewReader("CREATE DATABASE a; USE a; CREATE TABLE p (id INT PRIMARY KEY); CREATE TABLE c (id INT PRIMARY KEY, "+
		"p INT, CONSTRAINT f FOREIGN KEY (p) REFERENCES P (id)); CREATE DATABASE b; USE b; CREATE TABLE c (p INT, CONSTRAINT g FOREIGN KEY (p) REFERENCES a.p (id))"), "schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	d := &Definitions{Files: files}
	first := d.knownReferences()
	for _, tc := range []struct {
		database, table string
		want            int
	}{{"a", "p", 2}, {"A", "P", 2}, {"b", "p", 0}, {"a", "c", 0}} {
		if got := d.referredBy(t.Context(), &schema.Table{Database: tc.database, Name: tc.table}); len(got) != tc.want {
			t.Errorf("%s.%s is referred to by %v, want %d foreign keys", tc.database, tc.table, got, tc.want)
		}
	}
	if d.knownReferences() != first {
		t.Error("they were gathered again")
	}
}
