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

func TestQuerySession(t *testing.T) {
	const mysql97 = "\x00\x00\x40\x00\x04\x01\x20\x00\xa0\x45\x00\x00\x00\x00\x03\x0a\x00\x03\x00\x06\x03std\x04\xff\x00\x2d\x00\xff\x00" +
		"\x05\x06SYSTEM\x07\x01\x00\x08\x21\x00\x0b\x04root\x00\x0c\x02one\x00two\x00\x0d\x40\xe2\x01\x10\x01\x11\x08\x00\x00\x00\x00\x00\x00\x00" +
		"\x12\xff\x00\x13\x01\x14\x00"
	s := (&Query{Status: []byte(mysql97)}).Session()
	if s.Flags2 != FlagAutoIsNull|FlagNoForeignKeyChecks || s.SQLMode != 0x45a00020 || s.AutoIncrementIncrement != 10 ||
		s.AutoIncrementOffset != 3 || s.Collations != (Collations{255, 45, 255}) || string(s.TimeZone) != "SYSTEM" ||
		s.LCTimeNames != 1 || s.CollationDatabase != 33 || s.Microseconds != 123456 || !s.ExplicitDefaults ||
		s.DefaultCollation != 255 || !s.RequirePrimaryKey || s.TableEncryption || !s.HasTableEncryption || !s.Complete {
		t.Errorf("%+v", s)
	}
	s = (&Query{Status: []byte("\x80\x01\x00\x00\x83\x01\x21\x00\x00\x09\x04\x21\x00\x21\x00\x08\x00\x82\x04\x01\x02\x03\x04\x05\x06\x07\x08\x81\x01\x02\x03\x04\x05\x06\x07\x08")}).Session()
	pairs := 0
	s.EachCollation(func(of, collation uint16) {
		if pairs++; of != 33 || collation != 2304 {
			t.Errorf("collation %d of %d", collation, of)
		}
	})
	if pairs != 1 || s.Microseconds != 1 || !s.HasCollations || s.AlterPhase != CommitAlter || !s.Complete {
		t.Errorf("%+v", s)
	}
	if s := (&Query{Status: []byte("\x0c\x02one\x00tw")}).Session(); s.Complete {
		t.Errorf("cut off, but complete: %+v", s)
	}
}

func TestAlterPhase(t *testing.T) {
	for flags, want := range map[string]AlterPhase{"\x00": WholeAlter, "\x02": StartAlter,
		"\x04\x01\x02\x03\x04\x05\x06\x07\x08": CommitAlter, "\x08\x01\x02\x03\x04\x05\x06\x07\x08": RollbackAlter} {
		if s := (&Query{Status: []byte("\x82" + flags)}).Session(); s.AlterPhase != want || !s.Complete {
			t.Errorf("%x: phase %d, want %d; %+v", flags, s.AlterPhase, want, s)
		}
	}
}
