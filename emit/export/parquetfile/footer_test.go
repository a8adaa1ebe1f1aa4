package parquetfile

import (
	"bytes"
	"strings"
	"testing"
)

// empty is a file without rows.
func empty(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := New(&out, []Field{{Name: "a", Type: String}}, "test")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestReadFooter: a whole file says what its columns are; what is cut off or is no Parquet file is refused.
func TestReadFooter(t *testing.T) {
	whole := empty(t)
	footer, err := ReadFooter(bytes.NewReader(whole), int64(len(whole)))
	if err != nil || footer.NumRows != 0 || len(footer.Schema) != 2 || footer.Schema[1].Name != "a" {
		t.Errorf("%+v, %v", footer, err)
	}
	for name, text := range map[string]string{
		"nothing": "", "a mark only": "PAR1", "a footer longer than the file": "PAR1\xff\xff\xff\xffPAR1", "another file": strings.Repeat("x", 100),
		"the mark of another footer": strings.TrimSuffix(string(whole), "1") + "E", "cut off": string(whole[:len(whole)-1]),
		"a footer that is none": "PAR1\xff\xff\xff\xff\xff\x05\x00\x00\x00PAR1",
	} {
		if _, err := ReadFooter(strings.NewReader(text), int64(len(text))); err == nil {
			t.Errorf("%s is read", name)
		}
	}
}

// FuzzReadFooter: whatever the end of a file is, it is read or refused.
func FuzzReadFooter(f *testing.F) {
	whole := empty(f)
	f.Add(whole)
	f.Add(whole[4:])
	f.Fuzz(func(t *testing.T, text []byte) {
		_, _ = ReadFooter(bytes.NewReader(text), int64(len(text)))
	})
}
