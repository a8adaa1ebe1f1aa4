package dump

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binmend/fixtures/golden"
)

// TestGolden loads testdata/*.sql and compares what was understood with the .golden file beside it.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no testdata: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			f, err := os.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			s, err := Load(f, filepath.Base(file))
			if err != nil {
				t.Fatal(err)
			}
			golden.Check(t, strings.TrimSuffix(file, ".sql")+".golden", describeSchema(s))
		})
	}
}

func describeSchema(s *Schema) string {
	var b strings.Builder
	for _, table := range s.Tables() {
		b.WriteString(describe(table))
	}
	for _, p := range s.Problems {
		fmt.Fprintf(&b, "problem: %s\n", p)
	}
	return b.String()
}
