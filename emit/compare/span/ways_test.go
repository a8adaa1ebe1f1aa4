package span

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/walk"
	"binmend/emit/sqltext"
	"binmend/schema"
	"binmend/schema/changes"
	"binmend/schema/dump"
	"binmend/schema/live"
	"binmend/schema/replica"
)

// recorded are the folders with logs of real servers and the schema of their tables.
func recorded(t *testing.T) []string {
	folders, err := filepath.Glob("../../../fixtures/*/*/schema.sql")
	if err != nil || len(folders) == 0 {
		t.Fatal(folders, err)
	}
	for i, name := range folders {
		folders[i] = filepath.Dir(name)
	}
	return folders
}

// tables are definitions of a schema file, as those of a replica.
type tables struct{ *dump.Schema }

func (f tables) Table(ctx context.Context, ref schema.Ref) (*schema.Table, error) {
	t, err := f.Schema.Table(ctx, ref)
	if err != nil {
		return nil, live.ErrNoTable
	}
	return t, nil
}

func optionsFor(t *testing.T, folder string) Options {
	t.Helper()
	f, err := os.Open(filepath.Join(folder, "schema.sql"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	files, err := dump.Load(f, "schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	names, _ := filepath.Glob(filepath.Join(folder, "relay.*"))
	dir := t.TempDir()
	return Options{Range: walk.Range{Logs: walk.Logs{Names: names}}, Server: tables{files},
		Definitions: func() *changes.Definitions { return &changes.Definitions{Files: files} },
		Dialect:     sqltext.For(decoder.Version{Major: 8}).ForReading(),
		Folder:      func() (string, error) { return os.MkdirTemp(dir, "*") }}
}

// told is all that a span says, as text.
func told(t *testing.T, s *Span) string {
	t.Helper()
	var out strings.Builder
	for _, x := range s.Tables {
		fmt.Fprintf(&out, "%s %d events, whole %v, %v\n", x.Name, x.Events, x.Whole, x.Reasons)
	}
	err := s.Rows(func(r *Row) error {
		fmt.Fprintf(&out, "%s %x %s gone %v, %q, later %v, wanted %v, %d values:", r.Table.Name, r.Key, r.Origin, r.Gone, r.Unknown, r.Later, r.Wanted, len(r.Values))
		for _, c := range r.Cells {
			fmt.Fprintf(&out, " %d:%x", c.State(), c.Raw())
		}
		out.WriteByte('\n')
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Bags(func(x *Table, text [32]byte, count int, cells []decoder.Cell, o Origin) error {
		fmt.Fprintf(&out, "%s %x %d %s\n", x.Name, text, count, o)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestWays: one walk tells what two walks tell.
func TestWays(t *testing.T) {
	for _, folder := range recorded(t) {
		t.Run(strings.TrimPrefix(folder, "../../../fixtures/"), func(t *testing.T) {
			o := optionsFor(t, folder)
			o.Progress = everything(t, o)
			twice, err := readAhead(context.Background(), o)
			if err != nil {
				t.Fatal(err)
			}
			defer twice.Close()
			twice.finish()
			once, err := readOnce(context.Background(), o)
			if err != nil {
				t.Fatal(err)
			}
			defer once.Close()
			once.finish()
			want, got := told(t, twice), told(t, once)
			if got != want || strings.Count(want, "\n") < 2 {
				t.Errorf("one walk tells\n%s\ntwo walks tell\n%s", got, want)
			}
		})
	}
}

// everything is the progress of a replica that has applied all of the logs.
func everything(t *testing.T, o Options) Progress {
	t.Helper()
	l, err := newTimeline(&o)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.read(context.Background()); err != nil {
		t.Fatal(err)
	}
	p := Progress{Exec: replica.Place{File: l.reached.file, Pos: l.reached.pos}}
	if !l.reached.executed.IsEmpty() {
		p.Executed = &l.reached.executed
	}
	if len(l.reached.domains) > 0 {
		p.UpTo = l.reached.domains
	}
	return p
}

// TestNumbers: keys are ordered as the numbers are.
func TestNumbers(t *testing.T) {
	numbers := []int64{-1 << 63, -1<<63 + 1, -1 << 32, -65537, -65536, -257, -256, -255, -2, -1, 0, 1, 255, 256, 65535, 65536, 1 << 40, 1<<63 - 1}
	var last string
	for i, n := range numbers {
		key := string(appendSigned(nil, n))
		if i > 0 && key <= last {
			t.Errorf("the key of %d is %x, after %x", n, key, last)
		}
		last = key
		if n >= 0 {
			if back, rest := readUnsigned([]byte(key + "x")); back != uint64(n) || string(rest) != "x" {
				t.Errorf("%d is read as %d, and %q is left", n, back, rest)
			}
		}
	}
	for _, damaged := range []string{"", "\x00", "\x0f", "\x11", "\xff1"} {
		if n, rest := readUnsigned([]byte(damaged)); n != 1<<64-1 || rest != nil {
			t.Errorf("%q is read as %d, %q", damaged, n, rest)
		}
	}
}
