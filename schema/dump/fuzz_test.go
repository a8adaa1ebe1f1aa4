package dump

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"
)

// FuzzLoad feeds any bytes to the splitter, the reduction and the parser. None of them may panic or hang, and how the
// bytes arrive must make no difference.
func FuzzLoad(f *testing.F) {
	seeds, err := filepath.Glob("testdata/*.sql")
	if err != nil {
		f.Fatal(err)
	}
	ofCorpus, _ := filepath.Glob("../../../shared/corpus/broken-replicas/*/replica-schema.sql")
	for _, seed := range append(seeds, ofCorpus...) {
		content, err := os.ReadFile(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Add([]byte("delimiter //\ncreate table t(a int)// use x\ninsert into t values('\\\\','\\''),(1)//"))
	f.Add([]byte("create table t (a int, b int); alter table t add c int first, drop a, change b d text after c; create unique index i on t (c)"))
	f.Add([]byte("create table t (`a` int default - (1) check (1), key ((1)), unique(a(1)) comment ''), b set('x')) as"))
	f.Fuzz(func(t *testing.T, content []byte) {
		whole, err := Load(bytes.NewReader(content), "f.sql")
		if err != nil {
			t.Fatal(err)
		}
		bytewise, err := Load(iotest.OneByteReader(bytes.NewReader(content)), "f.sql")
		if err != nil {
			t.Fatal(err)
		}
		if got, want := describeSchema(bytewise), describeSchema(whole); got != want {
			t.Errorf("byte by byte:\n%s\nat once:\n%s", got, want)
		}
	})
}
