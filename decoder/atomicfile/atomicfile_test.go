package atomicfile_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"binmend/decoder/atomicfile"
)

// Until it is complete a file does not have its name, and one that is given up leaves nothing.
func TestFile(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	name := filepath.Join(dir, "script.sql")
	for i, create := range []func() (atomicfile.File, error){
		func() (atomicfile.File, error) { return atomicfile.New(name, 0o600) },
		func() (atomicfile.File, error) { return atomicfile.NewIn(root, "script.sql", 0o600) },
	} {
		old := fmt.Sprint("version ", i)
		if err := os.WriteFile(name, []byte(old), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, isComplete := range []bool{false, true} {
			f, err := create()
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprint(f, "new")
			if text := read(t, name); text != old {
				t.Errorf("while it is written: got %q, want %q", text, old)
			}
			want := old
			if isComplete {
				want = "new"
				if err := f.CloseAtomicallyReplace(); err != nil {
					t.Fatal(err)
				}
			}
			if err := f.Cleanup(); err != nil {
				t.Error(err)
			}
			if text := read(t, name); text != want {
				t.Errorf("complete %t: got %q, want %q", isComplete, text, want)
			}
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("want nothing but the file, got %v, %v", entries, err)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Write leaves the file that is there alone when what writes it fails.
func TestWrite(t *testing.T) {
	name := filepath.Join(t.TempDir(), "page.html")
	failure := errors.New("no rows")
	for _, c := range []struct {
		text string
		err  error
		want string
	}{{"first", nil, "first"}, {"sec", failure, "first"}, {"third", nil, "third"}} {
		err := atomicfile.Write(name, 0o600, func(w io.Writer) error {
			io.WriteString(w, c.text)
			return c.err
		})
		if got, _ := os.ReadFile(name); !errors.Is(err, c.err) || string(got) != c.want {
			t.Errorf("writing %q: error %v, want %v; the file holds %q, want %q", c.text, err, c.err, got, c.want)
		}
	}
	if entries, err := os.ReadDir(filepath.Dir(name)); err != nil || len(entries) != 1 {
		t.Errorf("the folder has %v, %v", entries, err)
	}
}
