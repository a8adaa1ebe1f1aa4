package dump

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCorpus loads every schema file that real servers wrote; all of their tables must be understood.
func TestCorpus(t *testing.T) {
	const corpus = "../../../shared/corpus"
	if _, err := os.Stat(corpus); err != nil {
		t.Skip("no corpus beside the repository")
	}
	err := filepath.WalkDir(corpus, func(path string, d fs.DirEntry, err error) error {
		name := d.Name()
		isSchema := name == "schema.sql" || name == "replica-schema.sql" || strings.HasSuffix(name, ".final.sql")
		if err != nil || !isSchema {
			return err
		}
		s, err := LoadFiles(path)
		if info, _ := d.Info(); errors.Is(err, ErrEmpty) && info.Size() == 0 {
			return nil // the log ends without a table
		}
		if text, _ := os.ReadFile(path); errors.Is(err, ErrNoText) && !strings.Contains(string(text), "CREATE TABLE") {
			return nil // rows only
		}
		if err != nil {
			t.Error(err)
			return nil
		}
		for _, p := range s.Problems {
			t.Error(p)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		want := strings.Count(string(content), "\nCREATE TABLE ") + strings.Count(string(content), "\nCREATE SEQUENCE ")
		if got := len(s.Tables()); got != want {
			t.Errorf("%s: %d tables, want %d", path, got, want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
