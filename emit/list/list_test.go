package list

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/gtid"
	"binmend/decoder/txn"
	"binmend/emit/sqltext"
	"binmend/fixtures/golden"
)

// TestPrinters compares what is printed of transactions and changes with golden files.
func TestPrinters(t *testing.T) {
	for name, printer := range map[string]func(*bytes.Buffer) Printer{
		"text.golden": func(b *bytes.Buffer) Printer { return Text(b, Paint{}) },
		"json.golden": func(b *bytes.Buffer) Printer { return JSON(b) },
	} {
		var b bytes.Buffer
		printAll(t, printer(&b))
		golden.Check(t, filepath.Join("testdata", name), b.String())
	}
}

func printAll(t *testing.T, p Printer) {
	t.Helper()
	x := txn.Transaction{Start: decoder.Position{File: "logs/binlog.000003", Offset: 1042}, End: decoder.Position{File: "logs/binlog.000003", Offset: 2077},
		GTID: gtid.GTID{Flavor: gtid.MariaDB, Domain: 0, Server: 1, Seq: 7}, Time: 1_700_000_000, ServerID: 1}
	split := x
	split.End = decoder.Position{File: "logs/binlog.000004", Offset: 311}
	split.GTID, split.Time = gtid.GTID{}, 0
	for _, found := range []*Transaction{
		{Place: placeOf(&x, 14, ""), Source: &Source{File: "source.000009", Start: 4, End: 1039},
			Changes: []Does{{Table: "shop.accounts", Kind: "update", Rows: 1200}, {Statement: "use shop; TRUNCATE TABLE\naccounts"}}, Statement: "UPDATE accounts\n SET note = '\x1b[2J'"},
		{Place: placeOf(&split, 0, "written on server 2, which is not the source"), Changes: []Does{}},
	} {
		if err := p.Transaction(found); err != nil {
			t.Fatal(err)
		}
	}
	for i, text := range []string{"> 1 a@x .", "1 a@x . > 1 a@x \x1b" + strings.Repeat("é", 120), "1 - - > 2 - paid", "2 a@x . >"} {
		r, kind := row(t, text)
		c := &Change{Place: placeOf(&x, 14, ""), Event: &EventPlace{File: "logs/binlog.000003", Offset: 1200, Row: i + 1}}
		if err := c.setRow(sqltext.For(decoder.Version{}), &accounts, kind, r); err != nil {
			t.Fatal(err)
		}
		if err := p.Change(c); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Change(newStatement(placeOf(&split, 0, ""), []byte("use shop; TRUNCATE TABLE accounts"))); err != nil {
		t.Fatal(err)
	}
}
