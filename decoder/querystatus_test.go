package decoder

import "testing"

func TestCollations(t *testing.T) {
	tests := []struct {
		name, status string
		want         Collations
		ok           bool
	}{
		{"as MySQL 5.6 to 9.7 write it", "\x00\x00\x00\x00\x00\x01\x00\x00\x00\x40\x00\x00\x00\x00\x06\x03std\x04\x2d\x00\x2d\x00\xff\x00\x0c\x01", Collations{45, 45, 255}, true},
		{"with auto_increment_increment before it", "\x03\x02\x00\x01\x00\x04\x21\x00\x21\x00\x08\x00", Collations{33, 33, 8}, true},
		{"with the catalog of MySQL 5.0.3", "\x02\x03std\x00\x04\x21\x00\x21\x00\x08\x00", Collations{33, 33, 8}, true},
		{"nothing", "", Collations{}, false},
		{"not told", "\x00\x00\x00\x00\x00", Collations{}, false},
		{"cut off", "\x04\x21\x00\x21\x00\x08", Collations{}, false},
		{"a catalog longer than the rest", "\x06\xffstd", Collations{}, false},
		{"an unknown variable", "\xc8\x04\x21\x00\x21\x00\x08\x00", Collations{}, false},
	}
	for _, test := range tests {
		q := Query{Status: []byte(test.status)}
		if got, ok := q.Collations(); ok && got != test.want || ok != test.ok {
			t.Errorf("%s: %d, %v, want %d, %v", test.name, got, ok, test.want, test.ok)
		}
	}
}
