package dump

import (
	"fmt"
	"strings"
	"testing"
)

// TestKeysAreLimited: a table does not get keys without end, a few with each statement.
func TestKeysAreLimited(t *testing.T) {
	made, err := Load(strings.NewReader("CREATE TABLE d.t (a INT);\n"+strings.Repeat("ALTER TABLE d.t ADD KEY (a);\n", 1000)), "f")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := made.Definition(Name{"d", "t"}); err == nil || !strings.Contains(err.Error(), "at most 255 keys, found 256") {
		t.Errorf("got %v", err)
	}
}

// TestLimits: what no server takes makes its table lost without being parsed; the largest that servers take is read.
func TestLimits(t *testing.T) {
	columns := func(n int) string {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprintf("c%d INT", i)
		}
		return "CREATE TABLE t (" + strings.Join(list, ", ") + ")"
	}
	for _, tc := range []struct {
		name, sql string
		refused   string // "" when it is not
	}{
		{"4,096 columns", columns(4096), ""},
		{"10,000 columns", columns(10_000), "at most 9000 columns"},
		{"30,000 keys", "CREATE TABLE t (a INT" + strings.Repeat(", KEY (a)", 30_000) + ")", "at most 9000 columns"},
		{"parentheses", "CREATE TABLE t (a INT DEFAULT " + strings.Repeat("(", 10_000), "3200 deep"},
		{"an ENUM of 65,535 members", "CREATE TABLE t (a ENUM('x'" + strings.Repeat(",'y'", 65_534) + "))", ""},
		{"a long comment", "CREATE TABLE t (a INT) COMMENT '" + strings.Repeat("x", MaxDDL) + "'", "at most 16777216 bytes"},
	} {
		var made []*Change
		err := NewParser().Parse(Statement{SQL: tc.sql, Database: "d"}, func(c *Change) { made = append(made, c) })
		if err != nil || len(made) != 1 {
			t.Errorf("%s: %d changes, %v", tc.name, len(made), err)
			continue
		}
		if got := made[0]; (got.Kind == Lost) != (tc.refused != "") || got.Kind == Lost && !strings.Contains(got.Err.Error(), tc.refused) {
			t.Errorf("%s: kind %v, %v", tc.name, got.Kind, got.Err)
		}
	}
}

// TestManyNames: a statement that names more tables than a server would be asked for makes each of them lost.
func TestManyNames(t *testing.T) {
	sql := "DROP TABLE t" + strings.Repeat(", e.t", 20_000)
	var names []Name
	err := NewParser().Parse(Statement{SQL: sql, Database: "d"}, func(c *Change) {
		if c.Kind == Lost {
			names = append(names, c.Name)
		}
	})
	if err != nil || len(names) != 20_001 || names[0] != (Name{"d", "t"}) || names[20_000] != (Name{"e", "t"}) {
		t.Errorf("%d tables, %v", len(names), err)
	}
}
