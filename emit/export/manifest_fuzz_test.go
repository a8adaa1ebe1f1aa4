package export

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzPlaced reads manifests of earlier runs: none may name a file that is not of its log, or not in the folder.
func FuzzPlaced(f *testing.F) {
	for _, seed := range []string{"", "{}", `{"files":[{"path":"database=d/table=t/bin.000001-0.parquet"}]}`, `{"files":[{"path":"../bin.000001-0.parquet"},{"path":"/etc/bin.000001-"}]}`,
		`{"files":[{"path":"..\\bin.000001-"},{"path":"a/../../bin.000001-"},{"path":""}]}`, "[[[["} {
		f.Add([]byte(seed))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		name := filepath.Join(dir, "manifest.json")
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
		of := &folder{path: dir, named: "bin.000001-"}
		placed, err := of.placed(name, filepath.Join(dir, "none"))
		if err != nil {
			return
		}
		for path := range placed {
			whole := filepath.Join(dir, filepath.FromSlash(path))
			if !strings.HasPrefix(whole, dir+string(filepath.Separator)) || !strings.HasPrefix(filepath.Base(whole), of.named) {
				t.Errorf("%q names %q", text, path)
			}
		}
	})
}
