package replay

import (
	"testing"

	"binmend/decoder"
	"binmend/emit/sqltext"
)

// TestHasCollation: which servers have the default collations of others.
func TestHasCollation(t *testing.T) {
	const general, mysql0900, croatian, uca1400 = 45, 255, 576, 2304
	for server, want := range map[string][4]bool{
		"5.7.44":          {true, false, false, false},
		"8.0.15":          {true, true, false, false},
		"9.7.0":           {true, true, false, false},
		"10.6.20-MariaDB": {true, false, true, false},
		"11.8.9-MariaDB":  {true, false, true, true},
	} {
		version, _ := decoder.ParseVersion(server)
		for i, number := range []uint16{general, mysql0900, croatian, uca1400} {
			if got := hasCollation(sqltext.For(version), number); got != want[i] {
				t.Errorf("%s, collation %d: %v", server, number, got)
			}
		}
	}
}
