package display

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNumbers(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Number(0), "0"}, {Number(999), "999"}, {Number(1000), "1,000"}, {Number(1234567), "1,234,567"}, {Number(1<<64 - 1), "18,446,744,073,709,551,615"},
		{Count(1, "row"), "1 row"}, {Count(0, "row"), "0 rows"}, {Count(12000, "row"), "12,000 rows"},
		{Bytes(0), "0 B"}, {Bytes(1023), "1023 B"}, {Bytes(1024), "1.0 KiB"}, {Bytes(1 << 20), "1.0 MiB"}, {Bytes(999 << 10), "999.0 KiB"},
		{Bytes(1000 << 10), "1.0 MiB"}, {Bytes(1<<64 - 1), "16.0 EiB"},
		{Seconds(0), "0 s"}, {Seconds(59), "59 s"}, {Seconds(60), "1 min"}, {Seconds(200), "3 min 20 s"}, {Seconds(7500), "2 h 5 min"},
		{Seconds(90061), "1 d 1 h"}, {Seconds(86400), "1 d"},
		{Decimal(0.5), "0.50"}, {Decimal(12.34), "12.3"}, {Decimal(1234.5), "1,235"},
		{Percent(0, 0), "0 %"}, {Percent(1, 3), "33 %"}, {Percent(1, 1000), "<1 %"}, {Percent(5, 5), "100 %"}, {Percent(1<<63, 1<<63), "100 %"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestPrintable(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"shop.orders", "shop.orders"}, {"表格 é", "表格 é"}, {"a\nb\tc", `a\nb\tc`}, {"\x1b[31mred", `\x1b[31mred`}, {"right\u202eleft", `right\u202eleft`},
		{"zero\u200bwidth", `zero\u200bwidth`}, {"\xff\xfe", `\xff\xfe`}, {"\u0085", `\u0085`},
	} {
		if got := Printable(c.text); got != c.want {
			t.Errorf("%q: got %q, want %q", c.text, got, c.want)
		}
	}
	if got := OneLine([]byte("SELECT\n\t1,\x00 2"), 100); got != `SELECT 1,\x00 2` {
		t.Errorf("got %q", got)
	}
	if got := OneLine([]byte("INSERT INTO t VALUES (1)"), 6); got != "INSERT …" {
		t.Errorf("got %q", got)
	}
}

// TestTable: columns are cut and left out until the table fits, in the order that is asked for.
func TestTable(t *testing.T) {
	table := Table{Columns: []Column{{Head: "NAME", Least: 6}, {Head: "N", Align: Right}, {Head: "SHARE", Align: Right, Drop: 2}, {Head: "NOTE", Drop: 1}}}
	table.AddRow("shop.orders", "12", "50 %", "first")
	table.Note(nil, "(between)")
	table.AddRow("表格", "3", "", "")
	for _, c := range []struct {
		limit int
		want  string
	}{
		{0, "NAME          N  SHARE  NOTE\nshop.orders  12   50 %  first\n(between)\n表格          3\n"},
		{24, "NAME     N  SHARE  NOTE\nshop.…  12   50 %  first\n(between)\n表格     3\n"},
		{20, "NAME        N  NOTE\nshop.ord…  12  first\n(between)\n表格        3\n"},
		{12, "NAME       N\nshop.or…  12\n(between)\n表格       3\n"},
	} {
		var out strings.Builder
		if err := table.Write(&out, c.limit, nil); err != nil {
			t.Fatal(err)
		}
		if out.String() != c.want {
			t.Errorf("in %d cells:\n%s\nwant\n%s", c.limit, &out, c.want)
		}
	}
}

// TestWidths: a text that is cut or wrapped is never wider than it may be, and nothing is lost by wrapping.
func TestWidths(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.RuneFrom([]rune("ab 表é\u0301"))).Draw(t, "text")
		limit := rapid.IntRange(2, 20).Draw(t, "limit")
		if cut := Cut(text, limit); Width(cut) > limit {
			t.Fatalf("%q is %d cells wide, want at most %d", cut, Width(cut), limit)
		}
		lines := Wrap(text, limit)
		if got, want := strings.Fields(strings.Join(lines, " ")), strings.Fields(text); strings.Join(got, " ") != strings.Join(want, " ") {
			t.Fatalf("%q: lost words of %q", got, want)
		}
		for _, l := range lines {
			if Width(l) > limit && strings.Contains(l, " ") {
				t.Fatalf("%q is wider than %d", l, limit)
			}
		}
	})
}

func TestBar(t *testing.T) {
	for _, c := range []struct {
		part, all uint64
		want      string
	}{{0, 10, ""}, {10, 10, "████"}, {5, 10, "██"}, {1, 1000, "▏"}, {9, 16, "██▎"}, {0, 0, ""}} {
		if got := Bar(c.part, c.all, 4); got != c.want {
			t.Errorf("%d of %d: %q, want %q", c.part, c.all, got, c.want)
		}
	}
}
