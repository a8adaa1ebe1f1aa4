package replay_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/filter"
	"binmend/decoder/walk"
	"binmend/emit/replay"
	"binmend/fixtures/damage"
	"binmend/fixtures/golden"
	"binmend/schema"
	"binmend/schema/changes"
	"binmend/schema/dump"
)

type writer func(context.Context, *bytes.Buffer, *changes.Stream, replay.Options) (replay.Summary, error)

func forward(ctx context.Context, w *bytes.Buffer, s *changes.Stream, o replay.Options) (replay.Summary, error) {
	return replay.Forward(ctx, w, s, o)
}

func backward(ctx context.Context, w *bytes.Buffer, s *changes.Stream, o replay.Options) (replay.Summary, error) {
	return replay.Backward(ctx, w, s, o)
}

// stream reads logs; schemaFile "" leaves the tables to the DDL in them.
func stream(t *testing.T, f *filter.Filter, schemaFile string, names ...string) *changes.Stream {
	t.Helper()
	logs := walk.Logs{Names: names}
	d := &changes.Definitions{Logs: logs}
	if schemaFile != "" {
		files, err := dump.LoadFiles(schemaFile)
		if err != nil {
			t.Fatal(err)
		}
		d.Files = files
	}
	w, err := logs.From(decoder.Position{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	w.SetCompleter(schema.Completer(context.Background(), d))
	return changes.NewStream(changes.Options{Events: w, Definitions: d, Filter: f})
}

var rowsOnly = &filter.Filter{Kinds: filter.Inserts | filter.Updates | filter.Deletes}

// TestGolden: the SQL of the logs of each server line.
func TestGolden(t *testing.T) {
	for _, line := range []string{"mysql-5.6", "mysql-9.7", "mariadb-10.11", "mariadb-11.8"} {
		for _, tc := range []struct {
			name    string
			write   writer
			filter  *filter.Filter
			options replay.Options
		}{
			{"forward", forward, nil, replay.Options{LogBin: true, GTIDs: true}},
			{"batch", forward, rowsOnly, replay.Options{Batch: 10, Full: true}},
			{"backward", backward, rowsOnly, replay.Options{}},
		} {
			t.Run(line+"/"+tc.name, func(t *testing.T) {
				folder := filepath.Join("..", "..", "fixtures", line, "mixed")
				s := stream(t, tc.filter, filepath.Join(folder, "schema.sql"), filepath.Join(folder, "relay.000002"))
				var out bytes.Buffer
				if _, err := tc.write(context.Background(), &out, s, tc.options); err != nil {
					t.Fatal(err)
				}
				golden.Check(t, filepath.Join("testdata", line+"-"+tc.name+".sql"), out.String())
			})
		}
	}
}

// TestLarge: rows and statements whose text is handed over in parts become the same SQL.
func TestLarge(t *testing.T) {
	for _, line := range []string{"mysql-5.6", "mysql-9.7", "mariadb-10.11", "mariadb-11.8"} {
		for _, scenario := range []string{"mixed", "minimal-image", "missing-row"} {
			folder := filepath.Join("..", "..", "fixtures", line, scenario)
			schemaFile, log := filepath.Join(folder, "schema.sql"), filepath.Join(folder, "relay.000002")
			for name, write := range map[string]writer{"forward": forward, "backward": backward} {
				for _, o := range []replay.Options{{}, {AsBinlog: true}, {Full: true, LogBin: true, Workers: 3}} {
					text := func(large int) string {
						defer replay.SetLargeText(large)()
						var out bytes.Buffer
						f := rowsOnly
						if name == "forward" {
							f = nil
						}
						if _, err := write(context.Background(), &out, stream(t, f, schemaFile, log), o); err != nil {
							return err.Error()
						}
						return out.String()
					}
					if want, got := text(1<<20), text(40); got != want {
						t.Errorf("%s, %s %s, %+v:\n%s\nwant\n%s", line, scenario, name, o, got, want)
					}
				}
			}
		}
	}
}

// TestWorkers: how many goroutines write makes no difference, over many chunks and in both directions.
func TestWorkers(t *testing.T) {
	log := filepath.Join("..", "..", "fixtures", "mysql-9.7", "mixed", "relay.000002")
	schemaFile := filepath.Join(filepath.Dir(log), "schema.sql")
	for name, write := range map[string]writer{"forward": forward, "backward": backward} {
		t.Run(name, func(t *testing.T) {
			var want string
			for _, workers := range []int{1, 2, 5} {
				var out bytes.Buffer
				s := stream(t, rowsOnly, schemaFile, slices.Repeat([]string{log}, 200)...)
				summary, err := write(context.Background(), &out, s, replay.Options{Workers: workers, Batch: 3})
				if err != nil {
					t.Fatal(err)
				}
				if want == "" {
					want = out.String()
				}
				if out.String() != want {
					t.Errorf("%d workers write something else than one", workers)
				}
				if summary.Transactions != 800 || summary.Rows != 3000 || summary.Statements != 0 || len(summary.Risks()) > 0 {
					t.Errorf("%d workers: 800 transactions with 3000 rows were expected, no statements or risks: %+v", workers, summary)
				}
			}
		})
	}
}

// TestBackwardMirrorsForward: for each row forward there is one backward, in the opposite order.
func TestBackwardMirrorsForward(t *testing.T) {
	log := filepath.Join("..", "..", "fixtures", "mysql-9.7", "mixed", "relay.000002")
	verbs := func(write writer) []string {
		var out bytes.Buffer
		if _, err := write(context.Background(), &out, stream(t, rowsOnly, "", log), replay.Options{}); err != nil {
			t.Fatal(err)
		}
		var list []string
		for line := range strings.Lines(out.String()) {
			if verb, _, _ := strings.Cut(line, " "); strings.Contains("INSERT UPDATE DELETE", verb) {
				list = append(list, verb)
			}
		}
		return list
	}
	want := verbs(forward)
	slices.Reverse(want)
	inverse := map[string]string{"INSERT": "DELETE", "UPDATE": "UPDATE", "DELETE": "INSERT"}
	for i := range want {
		want[i] = inverse[want[i]]
	}
	if got := verbs(backward); !slices.Equal(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
}

// TestRefusals: what has no inverse is named with its place, and nothing is written.
func TestRefusals(t *testing.T) {
	log := filepath.Join("..", "..", "fixtures", "mysql-9.7", "mixed", "relay.000002")
	var out bytes.Buffer
	_, err := replay.Backward(context.Background(), &out, stream(t, nil, "", log), replay.Options{})
	if !errors.Is(err, replay.ErrNotInvertible) || !errors.Is(err, replay.ErrNoInverse) {
		t.Fatalf("%v", err)
	}
	const begin = "the range can't be rolled back: relay.000002:440: CREATE DATABASE shop: a statement has no inverse; "
	if got := err.Error(); !strings.HasPrefix(got, begin) || strings.Count(got, "; ") != 3 {
		t.Errorf("%s", got)
	}
	for line := range strings.Lines(out.String()) {
		if !strings.HasPrefix(line, "-- ") {
			t.Errorf("written although it is refused: %s", line)
		}
	}
}

// TestBrokenOff: a writer that fails, a log that ends in the middle and Ctrl-C end the output without a COMMIT.
func TestBrokenOff(t *testing.T) {
	folder := filepath.Join("..", "..", "fixtures", "mysql-9.7", "mixed")
	whole, err := os.ReadFile(filepath.Join(folder, "relay.000002"))
	if err != nil {
		t.Fatal(err)
	}
	open := filepath.Join(t.TempDir(), "open")
	if err := os.WriteFile(open, whole[:3000], 0o600); err != nil {
		t.Fatal(err)
	}
	ended := filepath.Join(t.TempDir(), "ended")
	if err := os.WriteFile(ended, whole[:2948], 0o600); err != nil { // after a row event
		t.Fatal(err)
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, tc := range []struct {
		name, file string
		ctx        context.Context
		write      writer
		end        string
	}{
		{"cut in an event", open, context.Background(), forward, "ROLLBACK;\n"},
		{"cut after an event", ended, context.Background(), forward, "ROLLBACK;\n"},
		{"cut in an event, backward", open, context.Background(), backward, "-- The output breaks off here.\n"},
		{"cut after an event, backward", ended, context.Background(), backward, "-- The output breaks off here.\n"},
		{"interrupted, backward", filepath.Join(folder, "relay.000002"), cancelled, backward, "-- The output breaks off here.\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var out bytes.Buffer
			_, err := tc.write(tc.ctx, &out, stream(t, rowsOnly, filepath.Join(folder, "schema.sql"), tc.file), replay.Options{})
			if err == nil {
				t.Fatal("no error")
			}
			if !strings.Contains(out.String(), "-- ERROR: ") && !strings.Contains(out.String(), "-- INTERRUPTED\n") || !strings.HasSuffix(out.String(), tc.end) {
				t.Errorf("the error %v, and\n%s", err, out.String())
			}
			if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "binmend-rollback-*")); len(left) > 0 {
				t.Errorf("temporary files are left: %v", left)
			}
		})
	}
}

// TestRefusedInside: a row that is refused in the middle of a transaction leaves none open, wherever its text ends.
func TestRefusedInside(t *testing.T) {
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join("..", "..", "fixtures", "mysql-9.7", "mixed", name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	log := bytes.ReplaceAll(read("relay.000002"), []byte("\x06visits\x00"), []byte("\x06vis\x1bts\x00")) // in the Table_map events
	damage.Mend(log)
	tables := bytes.ReplaceAll(read("schema.sql"), []byte("`visits`"), []byte("`vis\x1bts`"))
	logFile, schemaFile := filepath.Join(t.TempDir(), "relay.000002"), filepath.Join(t.TempDir(), "schema.sql")
	for name, content := range map[string][]byte{logFile: log, schemaFile: tables} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	_, err := forward(context.Background(), &out, stream(t, rowsOnly, schemaFile, logFile), replay.Options{})
	if err == nil || !strings.Contains(err.Error(), "a name has the byte 0x1B") {
		t.Fatalf("a name with an escape: %v", err)
	}
	begun := out.String()[strings.LastIndex(out.String(), "BEGIN;"):]
	if !strings.HasSuffix(begun, "-- The output breaks off here.\nROLLBACK;\n") {
		t.Errorf("the last transaction is\n%s", begun)
	}
}

// TestRisks: what the statements do not show.
func TestRisks(t *testing.T) {
	cascade := schema.Reference{Database: "d", Table: "child", ForeignKey: schema.ForeignKey{ReferencedTable: "parent", OnDelete: "CASCADE", OnUpdate: "SET NULL"}}
	checked := schema.Reference{Database: "e", Table: "child", ForeignKey: schema.ForeignKey{ReferencedTable: "d.parent", OnDelete: "RESTRICT"}}
	parent := &schema.Table{Database: "d", Name: "parent", ReferredBy: []schema.Reference{cascade, checked, cascade}}
	got := replay.TableRisks([]*schema.Table{parent, parent}, replay.HiddenNames, replay.NotTakenBack)
	if len(got) != 1 || !strings.HasPrefix(got[0], "d.child refers to d.parent with ON DELETE CASCADE and ON UPDATE SET NULL") {
		t.Errorf("%q", got)
	}
	odd := &schema.Table{Database: "d", Name: "t", Columns: []schema.Column{{Name: "a\n\u202eb"}}}
	if got := replay.TableRisks([]*schema.Table{odd}, replay.HiddenNames); len(got) != 1 || !strings.Contains(got[0], `(a\n\u202eb)`) {
		t.Errorf("a name that can't be seen: %q", got)
	}
	if got := replay.TableRisks([]*schema.Table{parent}, replay.HiddenNames); len(got) != 0 {
		t.Errorf("forward, cascades happen again: %q", got)
	}
}

// TestMinimalImage: an UPDATE whose log holds only what it changed is made again, but not taken back.
func TestMinimalImage(t *testing.T) {
	folder := filepath.Join("..", "..", "fixtures", "mysql-9.7", "minimal-image")
	open := func() *changes.Stream {
		return stream(t, rowsOnly, filepath.Join(folder, "schema.sql"), filepath.Join(folder, "relay.000002"))
	}
	var out bytes.Buffer
	if _, err := replay.Forward(context.Background(), &out, open(), replay.Options{}); err != nil {
		t.Fatal(err)
	}
	if want := "UPDATE `shop`.`orders` SET `note` = 'shipped' WHERE `id` = 3;\n"; !strings.Contains(out.String(), want) {
		t.Errorf("want %s in\n%s", want, out.String())
	}
	_, err := replay.Backward(context.Background(), &out, open(), replay.Options{})
	want := "the range can't be rolled back: relay.000002:2843: UPDATE of `shop`.`orders`, row 1: the log does not hold column note"
	if err == nil || err.Error() != want {
		t.Errorf("found %v, want %s", err, want)
	}
}

// TestUnequalCascades: where foreign keys may do otherwise on the server that the SQL is for.
func TestUnequalCascades(t *testing.T) {
	refer := func(column string) schema.Reference {
		return schema.Reference{Database: "d", Table: "c", ForeignKey: schema.ForeignKey{Columns: []string{column}, ReferencedTable: "p", OnDelete: "CASCADE"}}
	}
	once := &schema.Table{Database: "d", Name: "p", ReferredBy: []schema.Reference{refer("a"), refer("a")}}
	twice := &schema.Table{Database: "d", Name: "p", ReferredBy: []schema.Reference{refer("a"), refer("b")}}
	old, now := decoder.Version{Major: 5, Minor: 7}, decoder.Version{Major: 9, Minor: 7}
	for _, c := range []struct {
		inEngine bool
		target   decoder.Version
		table    *schema.Table
		want     bool
	}{{true, now, twice, true}, {true, now, once, false}, {false, now, twice, false}, {true, old, twice, false}} {
		inEngine := func(*schema.Table) bool { return c.inEngine }
		if got := replay.UnequalCascades(inEngine, c.target, []*schema.Table{c.table}); strings.Contains(got, "(d.c to d.p)") != c.want {
			t.Errorf("%v to %v: %q", c.inEngine, c.target, got)
		}
	}
}

// TestDependsOnDefaults: TIMESTAMP columns that explicit_defaults_for_timestamp changes, and those that say all themselves.
func TestDependsOnDefaults(t *testing.T) {
	for sql, want := range map[string]bool{
		"CREATE TABLE t (a TIMESTAMP)": true, "CREATE TABLE t (a TIMESTAMP(6) NOT NULL, b INT NULL)": true, "CREATE TABLE t (a TIMESTAMP DEFAULT NULL)": true,
		"ALTER TABLE t ADD a TIMESTAMP NOT NULL, ADD b INT DEFAULT 1": true, "CREATE TABLE t (a TIMESTAMP NULL, b TIMESTAMP)": true,
		"CREATE TABLE t (a TIMESTAMP(6) NULL DEFAULT NULL, b INT)": false, "CREATE TABLE t (a TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP(), b INT)": false,
		"ALTER TABLE t MODIFY a TIMESTAMP DEFAULT '2020-01-01' NOT NULL FIRST": false, "CREATE TABLE t (`timestamp` INT)": false, "DROP TABLE t": false,
	} {
		if got := replay.DependsOnDefaults(sql, decoder.Version{Major: 5, Minor: 6, Text: "5.6.50"}); got != want {
			t.Errorf("%s: %v", sql, got)
		}
	}
}

// TestOlderMariaDB: a server before 11.2.1 is not asked for character_set_collations, and the risk is named.
func TestOlderMariaDB(t *testing.T) {
	folder := filepath.Join("..", "..", "fixtures", "mariadb-11.8", "mixed")
	for _, tc := range []struct {
		minor int
		isTo  bool
	}{{4, false}, {0, true}} {
		s := stream(t, nil, filepath.Join(folder, "schema.sql"), filepath.Join(folder, "relay.000002"))
		var out bytes.Buffer
		summary, err := replay.Forward(context.Background(), &out, s, replay.Options{Version: decoder.Version{Flavor: decoder.MariaDB, Major: 11, Minor: tc.minor, Patch: 2, Text: "11"}})
		if err != nil {
			t.Fatal(err)
		}
		names := strings.Contains(out.String(), "@@session.character_set_collations")
		risk := strings.Contains(strings.Join(summary.Risks(), "\n"), "character_set_collations")
		if names == tc.isTo || risk != tc.isTo {
			t.Errorf("11.%d: the variable %v, the risk %v", tc.minor, names, risk)
		}
	}
}
