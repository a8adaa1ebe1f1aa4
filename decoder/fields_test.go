package decoder_test

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/logfile"
)

// TestFields: the fields of an event have all of its bytes, each once and in order, and each has a name.
func TestFields(t *testing.T) {
	events := 0
	for _, root := range []string{"../fixtures", "../../shared/corpus"} {
		_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return nil
			}
			log, err := os.ReadFile(path)
			if err == nil && bytes.HasPrefix(log, logfile.Magic) && len(log) < 1<<20 {
				events += checkFields(t, path, log)
			}
			return nil
		})
	}
	if events < 1000 {
		t.Errorf("only %d events", events)
	}
}

func checkFields(t *testing.T, path string, log []byte) (events int) {
	f, err := logfile.NewReader(bytes.NewReader(log), path)
	if err != nil {
		return 0
	}
	for r := decoder.NewReader(f); ; {
		e, err := r.Next()
		if err != nil {
			if err != io.EOF && strings.HasPrefix(path, "../fixtures") {
				t.Logf("%s: %v", path, err)
			}
			return events
		}
		events++
		var all []byte
		err = e.Fields(func(f decoder.Field) error {
			if f.Offset != len(all) || f.Name == "" {
				t.Fatalf("%s: field %q at %d after %d bytes", e.Pos, f.Name, f.Offset, len(all))
			}
			all = append(all, f.Bytes...)
			return nil
		})
		want := log[min(e.Pos.Offset, int64(len(log))):min(e.End(), int64(len(log)))]
		if e.Inner > 0 {
			want = nil
		}
		if err != nil || want != nil && !bytes.Equal(all, want) || len(all) != int(e.Length) {
			t.Fatalf("%s, %s: %v, %d bytes of %d:\n%x\n%x", e.Pos, e.Type, err, len(all), e.Length, all, want)
		}
	}
}
