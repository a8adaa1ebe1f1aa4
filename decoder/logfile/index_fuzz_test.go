package logfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzIndex reads index files: no name leads out of the folder.
func FuzzIndex(f *testing.F) {
	for _, seed := range []string{"", "./bin.000001\n./bin.000002\n", "/var/lib/mysql/bin.000001", "../x.000001\n..\\x.000002", "sub/../../x.000003", "bin\x00.000001\r\n\xff.000009", "bin.index"} {
		f.Add([]byte(seed))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		index := filepath.Join(dir, "bin.index")
		if err := os.WriteFile(index, text, 0o600); err != nil {
			t.Fatal(err)
		}
		names, err := readIndex(index)
		if err != nil {
			if len(err.Error()) > 2000 {
				t.Errorf("a message of %d bytes", len(err.Error()))
			}
			return
		}
		for _, name := range names {
			if !strings.HasPrefix(filepath.Clean(name), dir+string(filepath.Separator)) {
				t.Errorf("%q names %q, which is not in its folder", text, name)
			}
		}
	})
}
