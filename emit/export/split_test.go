package export

import (
	"encoding/base64"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"binmend/schema"
)

// TestSplit: a table's files of a day are each at least as large as the bound, but for the last, so that there are not more than
// bytes / bound + 1; and no file has more than one row group over it.
func TestSplit(t *testing.T) {
	defer func(was int64) { maxFile = was }(maxFile)
	maxFile = maxGroup / 2
	dir, err := openFolder(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	w := &spill{dir: dir.staging}
	defer w.close()
	random, value := rand.NewChaCha8([32]byte{7}), make([]byte, 3<<18)
	for i := range 20 { // of 1 MiB each, which do not compress to less than three quarters
		slab := newSlab(layoutOf(&schema.Table{Database: "d", Name: "t"}))
		random.Read(value)
		slab.begin(&record{change: changeDDL, file: "log", row: i, statement: base64.StdEncoding.EncodeToString(value)})
		if err := w.addSlab(slab); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.flush(); err != nil {
		t.Fatal(err)
	}
	p := partitions{Options: Options{Workers: 2}, folder: dir, spill: w, seen: &Columns{}}
	if err := p.write(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(dir.files) < 3 {
		t.Errorf("%d files, want several", len(dir.files))
	}
	for i, f := range dir.files {
		info, err := os.Stat(f.staged())
		if err != nil {
			t.Fatal(err)
		}
		if last := i == len(dir.files)-1; info.Size() < maxFile && !last || info.Size() > maxFile+2*maxGroup {
			t.Errorf("file %d of %d has %d bytes, the bound is %d", i+1, len(dir.files), info.Size(), maxFile)
		}
	}
}
