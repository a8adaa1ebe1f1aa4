package stats

import (
	"strings"
	"testing"

	"binmend/emit/display"
)

// TestFindingsArePrintable: nothing of a log reaches a terminal as it is.
func TestFindingsArePrintable(t *testing.T) {
	const hostile = "f\x1b]0;pwn\a\u202e.000001"
	r := &Report{Incomplete: hostile, Filtered: hostile, Logs: Logs{Unreadable: 1, FirstUnreadable: hostile}}
	var f findings
	f.incomplete(r)
	if len(f.list) != 3 {
		t.Errorf("%d findings: %+v", len(f.list), f.list)
	}
	for _, finding := range f.list {
		if display.Printable(finding.Text) != finding.Text {
			t.Errorf("%s: %q", finding.Kind, finding.Text)
		}
	}
}

// TestLargeChange: a transaction that updates or deletes most of what the logs change in a table is worth a look.
func TestLargeChange(t *testing.T) {
	name := tableName{"shop", "payments"}
	for _, test := range []struct {
		what       string
		change, of Rows
		want       string
	}{
		{"nearly all", Rows{Deletes: 269}, Rows{Deletes: 269, Inserts: 30}, "one transaction deleted 269 rows of shop.payments, 90 % of all changes"},
		{"updates", Rows{Updates: 200, Deletes: 150}, Rows{Updates: 230, Deletes: 150}, "one transaction updated 200 rows of shop.payments, 53 %"},
		{"a small part", Rows{Deletes: 269}, Rows{Deletes: 600}, ""},
		{"few rows", Rows{Deletes: 99}, Rows{Deletes: 99}, ""},
		{"inserts only", Rows{Inserts: 1000}, Rows{Inserts: 1000}, ""},
	} {
		f := &findings{}
		r := &Report{Largest: []Transaction{{File: "bin.000001", Tables: []TableRows{{Database: "shop", Table: "payments", Rows: test.change}}}}}
		f.largeChange(r, []*table{{tableName: name, Rows: test.of}})
		got := ""
		if len(f.list) > 0 {
			got = f.list[0].Text
		}
		if !strings.HasPrefix(got, test.want) || test.want == "" && got != "" {
			t.Errorf("%s: got %q, want %q", test.what, got, test.want)
		}
	}
}
