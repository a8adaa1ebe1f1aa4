package track

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/logfile"
	"binmend/schema"
	"binmend/schema/dump"
)

// hiddenColumn is a log of MySQL 8.0.17, which by mistake logged the hidden column after a functional key.
const hiddenColumn = "rpl_unfiltered_hidden_gcol.000001"

// TestCorpus follows the DDL of every log of the corpus, without a dump. Every table that a log creates has to fit its
// rows from there on.
func TestCorpus(t *testing.T) {
	root := filepath.Join("..", "..", "..", "shared", "corpus")
	fitted, files := 0, 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == hiddenColumn {
			return err
		}
		if n := followLog(t, path); n > 0 {
			fitted += n
			files++
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the corpus is not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d tables of %d logs fit their rows", fitted, files)
	if fitted == 0 {
		t.Error("no log creates a table and fills it: nothing was compared")
	}
}

// followLog follows one log as far as it can be read, and counts the row events whose table is known and fits.
func followLog(t *testing.T, path string) (fitted int) {
	t.Helper()
	f, err := logfile.Open(path)
	if err != nil {
		return 0
	}
	defer f.Close()
	tracker := New(nil, Detect)
	for e, err := range decoder.NewReader(f).All() {
		if err != nil {
			return fitted
		}
		switch {
		case e.Type == decoder.EventQuery, e.Type == decoder.EventMariaQueryCompressed:
			q, err := e.Query()
			if err != nil {
				return fitted
			}
			st := dump.Statement{Server: e.Format.Server, Database: string(q.Database), SQL: string(q.SQL)}
			if err := tracker.Apply(e.Pos, st); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		case e.IsRows():
			if fits(t, path, tracker, e) {
				fitted++
			}
		}
	}
	return fitted
}

func fits(t *testing.T, path string, tracker *Tracker, e *decoder.Event) bool {
	t.Helper()
	rows, err := e.Rows()
	if err != nil {
		return false
	}
	m := rows.Map
	_, err = tracker.Table(context.Background(), schema.Ref{Database: m.Database, Table: m.Table, Map: m, Pos: e.Pos})
	if err != nil && !errors.Is(err, dump.ErrMissingTable) && !strings.Contains(err.Error(), "copies") {
		t.Errorf("%s at %d: %v", path, e.Pos.Offset, err)
	}
	return err == nil
}
