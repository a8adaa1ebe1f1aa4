package gtid

import "testing"

// FuzzParseList reads positions of MariaDB: what is accepted reads back the same.
func FuzzParseList(f *testing.F) {
	for _, seed := range []string{"", "0-1-5", "0-1-5,1-2-7", " 4294967295-0-18446744073709551615\n,\t0-0-0", "0-1-5,", "0--1", "uuid:7"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list, err := ParseList(text)
		if err != nil {
			if len(err.Error()) > 2000 {
				t.Errorf("a message of %d bytes", len(err.Error()))
			}
			return
		}
		again, err := ParseList(list.String())
		if err != nil || again.String() != list.String() {
			t.Errorf("%q became %q, then %q, %v", text, list, again, err)
		}
	})
}
