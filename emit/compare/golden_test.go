package compare_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/gtid"
	"binmend/emit/compare"
	"binmend/emit/compare/render"
	"binmend/emit/compare/span"
	"binmend/emit/display"
	"binmend/emit/sqltext"
	"binmend/fixtures/forms"
	"binmend/fixtures/golden"
	"binmend/schema/dump"
	"binmend/schema/live"
	"binmend/schema/replica"
)

const goldenSchema = "CREATE DATABASE shop; USE shop;\n" +
	"CREATE TABLE stock (id INT PRIMARY KEY, name VARCHAR(60) CHARACTER SET utf8mb4, code INT UNIQUE, twice INT AS (code * 2) STORED);\n" +
	"CREATE TABLE log (a INT, b VARCHAR(20) CHARACTER SET utf8mb4);\n" +
	"CREATE TABLE odd (id INT PRIMARY KEY, v INT NOT NULL);\n"

// TestGolden: what is found, in every form. Names and values are those that an attacker would choose.
func TestGolden(t *testing.T) {
	script := func(o render.Options) func(io.Writer, *compare.Result) error {
		return func(w io.Writer, r *compare.Result) error { return render.Script(w, r, o) }
	}
	text := func(width int) func(io.Writer, *compare.Result) error {
		return func(w io.Writer, r *compare.Result) error { return render.Text(w, r, width) }
	}
	for _, c := range []struct {
		file  string
		make  func(*testing.T) *compare.Result
		write func(io.Writer, *compare.Result) error
	}{
		{"found.sql", found, script(render.Options{})},
		{"found-logged.sql", found, script(render.Options{LogBin: true})},
		{"found-protected.sql", protected, script(render.Options{})},
		{"found-strict.sql", strict, script(render.Options{LogBin: true})},
		{"found.txt", found, text(120)},
		{"found-narrow.txt", found, text(60)},
		{"found.json", found, render.JSON},
		{"found.html", found, render.HTML},
		{"equal.sql", equal, script(render.Options{})},
		{"equal.txt", equal, text(120)},
		{"equal.json", equal, render.JSON},
		{"equal.html", equal, render.HTML},
	} {
		t.Run(c.file, func(t *testing.T) {
			var got bytes.Buffer
			r := c.make(t)
			defer r.Close()
			if err := c.write(&got, r); err != nil {
				t.Fatal(err)
			}
			golden.Check(t, filepath.Join("testdata", c.file), got.String())
		})
	}
}

// TestJSONIsAsItsSchema: the golden files are what the schema of compare says.
func TestJSONIsAsItsSchema(t *testing.T) {
	form, err := forms.Of("compare")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"found.json", "equal.json"} {
		text, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		if n, err := form.Check(text); n != 1 || err != nil {
			t.Errorf("%s: %d values, %v", file, n, err)
		}
	}
	if unseen := form.Unseen(); !slices.Equal(unseen, []string{".fetched_from", ".source_asked"}) { // these need a source
		t.Errorf("the golden files lack %s", unseen)
	}
}

func event(offset int64, kind decoder.EventType, row int) span.Origin {
	id, _ := gtid.Parse("b15e4f71-e566-11f1-89b6-02fc00000001:7")
	return span.Origin{Pos: decoder.Position{File: "/var/lib/mysql/binlog.000040", Offset: offset}, Type: kind, Row: row, GTID: id}
}

// equal is a replica that holds all that the logs say.
func equal(t *testing.T) *compare.Result {
	t.Helper()
	tables, err := dump.Load(strings.NewReader(goldenSchema), "golden.sql")
	if err != nil {
		t.Fatal(err)
	}
	r := compare.NewResult(decoder.Version{Flavor: decoder.MySQL, Text: "8.0.36", Major: 8, Minor: 0, Patch: 36}, t.TempDir())
	r.Server, r.ServerID, r.ServerUUID, r.Rounds = "/run/mysqld/mysqld.sock", 2, "c15e4f71-e566-11f1-89b6-02fc00000002", 1
	r.Host = &live.Host{Grants: live.Grants{Unknown: true}}
	r.Status = &replica.Status{Flavor: decoder.MySQL, ExecutedGTID: "b15e4f71-e566-11f1-89b6-02fc00000001:1-9", Filters: replica.Filters{}}
	r.Logs = []string{"/var/lib/mysql/binlog.000040", "/var/lib/mysql/binlog.000041"}
	for _, own := range tables.Tables() {
		x := &compare.TableResult{Table: &span.Table{Name: dump.Name{Database: "shop", Table: own.Name}, Table: own}, Judged: 9, Equal: 9}
		if own.Name == "odd" {
			own.Name = "odd\x1b[31m<b>`'\n"
			x.Name.Table = own.Name
		}
		if own.Name == "log" {
			x.Whole, x.Begun = true, event(200, decoder.EventQuery, 0)
		} else {
			x.Key = own.Primary()
		}
		r.Tables = append(r.Tables, x)
	}
	slices.SortFunc(r.Tables, func(a, b *compare.TableResult) int { return strings.Compare(a.Name.String(), b.Name.String()) })
	return r
}

func row(t *compare.TableResult, literals ...string) *sqltext.Stored {
	s := &sqltext.Stored{Table: t.Table.Table}
	for _, l := range literals {
		if l == "" {
			s.Literals = append(s.Literals, nil)
			continue
		}
		s.Literals = append(s.Literals, []byte(l))
	}
	return s
}

// found is a replica with differences of every kind.
func found(t *testing.T) *compare.Result {
	t.Helper()
	r := equal(t)
	var stock, log, odd *compare.TableResult
	for _, x := range r.Tables {
		switch {
		case x.Name.Table == "stock":
			stock = x
		case x.Name.Table == "log":
			log = x
		default:
			odd = x
		}
	}
	const logHas, logDeletes = "the log has the row so", "the log deletes the row"
	for i, x := range []*compare.Difference{
		{Kind: compare.Differs, Table: stock, Want: row(stock, "1", "'O\\'Neil <script>'", "5", ""), Have: row(stock, "1", "'x'", "5", "10"),
			Origin: event(4711, decoder.EventUpdateRows, 2), Why: logHas},
		{Kind: compare.Differs, Table: stock, Want: row(stock, "2", "'b'", "6", ""), Have: row(stock, "2", "'b'", "7", "14"),
			Origin: event(4800, decoder.EventUpdateRows, 1), Why: logHas, Later: true, Source: compare.SourceOther},
		{Kind: compare.Extra, Table: stock, Have: row(stock, "3", "'-- x\\n; DROP TABLE stock'", "NULL", "NULL"),
			Origin: event(5000, decoder.EventDeleteRows, 1), Why: logDeletes, Source: compare.SourceAgrees},
		{Kind: compare.Extra, Table: stock, Have: row(stock, "9", "NULL", "8", "16"), Origin: event(5100, decoder.EventWriteRows, 1),
			Why: "the source gave its value of unique key code to another row"},
		{Kind: compare.Missing, Table: stock, Want: row(stock, "4", "'d'", "8", ""), Origin: event(5200, decoder.EventWriteRows, 1), Why: "the log has this row"},
		{Kind: compare.Missing, Table: log, Count: 2, Want: row(log, "1", "'x'"), Origin: event(6000, decoder.EventWriteRows, 1), Why: "the log has this row"},
		{Kind: compare.Extra, Table: log, Count: 1, Have: row(log, "NULL", "'y'"), Origin: event(200, decoder.EventQuery, 0),
			Why: "the log makes or empties the table, and has no such row, or fewer of them"},
		{Kind: compare.Missing, Table: odd, Want: row(odd, "1", ""), Origin: event(7000, decoder.EventUpdateRows, 1), Why: "the log has this row"},
	} {
		if err := r.AddDifference(string(rune('a'+i)), x); err != nil {
			t.Fatal(err)
		}
		x.Table.Equal--
	}
	odd.NotJudged = map[string]uint64{"the table has no key that identifies its rows, and was there before the logs begin": 12}
	odd.Partly = 3
	stock.AsSource = 1
	r.Statements, r.More, r.Pending = []string{"DELETE FROM shop.stock WHERE id > 5"}, 2, true
	r.Foreign = r.Logs[1:]
	return r
}

// protected is found on a replica with super_read_only and transaction_read_only.
func protected(t *testing.T) *compare.Result {
	r := found(t)
	r.Host.ReadOnly, r.Host.SuperReadOnly, r.Host.Locked = true, true, []string{"other", "shop"}
	r.Host.TransactionReadOnly = "transaction_read_only"
	return r
}

// strict is a MariaDB replica whose applier keeps the order of sequence numbers.
func strict(t *testing.T) *compare.Result {
	r := found(t)
	r.Version, r.Host.GTIDStrict = decoder.Version{Flavor: decoder.MariaDB, Major: 11, Minor: 8, Text: "11.8.6-MariaDB"}, true
	return r
}

// TestNothingIsPrinted: where no row differs there is no script.
func TestNothingIsPrinted(t *testing.T) {
	r := equal(t)
	defer r.Close()
	var out bytes.Buffer
	if err := render.Script(&out, r, render.Options{}); err != nil || out.Len() > 0 {
		t.Errorf("%v: %s", err, out.String())
	}
	if text := render.Findings(r); text != "" {
		t.Errorf("it is found that %s", display.Printable(text))
	}
}
