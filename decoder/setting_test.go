package decoder

import (
	"errors"
	"testing"
)

// settingEvent makes an event that no reader gave.
func settingEvent(kind EventType, body string) *Event {
	return &Event{Header: Header{Type: kind}, Body: []byte(body), Format: &Format{}, reader: &Reader{}}
}

func TestIntvar(t *testing.T) {
	for _, tc := range []struct {
		body string
		want Intvar
		ok   bool
	}{
		{"\x01\x05\x00\x00\x00\x00\x00\x00\x00", Intvar{Value: 5}, true},
		{"\x02\xff\xff\xff\xff\xff\xff\xff\xff", Intvar{InsertID: true, Value: 1<<64 - 1}, true},
		{"\x03\x05\x00\x00\x00\x00\x00\x00\x00", Intvar{Value: 5}, false},
		{"\x02\xff", Intvar{InsertID: true}, false},
	} {
		got, err := settingEvent(EventIntvar, tc.body).Intvar()
		if got != tc.want || (err == nil) != tc.ok || err != nil && !errors.Is(err, ErrCorrupt) {
			t.Errorf("%q: %+v, %v, want %+v", tc.body, got, err, tc.want)
		}
	}
}

func TestUserVar(t *testing.T) {
	for _, tc := range []struct{ name, body, want string }{
		{"NULL", "\x01\x00\x00\x00a\x01", "a NULL"},
		{"a string", "\x01\x00\x00\x00a\x00\x00\x2d\x00\x00\x00\x02\x00\x00\x00hi\x00", "a string 45 hi"},
		{"a negative number, of a server without flags", "\x01\x00\x00\x00a\x00\x02\x3f\x00\x00\x00\x08\x00\x00\x00\xfe\xff\xff\xff\xff\xff\xff\xff", "a -2"},
		{"an unsigned number", "\x01\x00\x00\x00a\x00\x02\x3f\x00\x00\x00\x08\x00\x00\x00\xfe\xff\xff\xff\xff\xff\xff\xff\x01", "a 18446744073709551614"},
		{"a real number", "\x01\x00\x00\x00a\x00\x01\x3f\x00\x00\x00\x08\x00\x00\x00\x9a\x99\x99\x99\x99\x99\xb9\x3f\x00", "a 0.1"},
		{"a decimal", "\x01\x00\x00\x00a\x00\x04\x3f\x00\x00\x00\x05\x00\x00\x00\x05\x02\x80\x0c\x32\x00", "a 12.50"},
		{"a number of the wrong length", "\x01\x00\x00\x00a\x00\x02\x3f\x00\x00\x00\x01\x00\x00\x00\xfe", "corrupt"},
		{"cut off", "\x05\x00\x00\x00a", "corrupt"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v, err := settingEvent(EventUserVar, tc.body).UserVar()
			got := string(v.Name)
			cell, isNumber := v.Cell()
			switch {
			case errors.Is(err, ErrCorrupt):
				got = "corrupt"
			case err != nil:
				t.Fatal(err)
			case v.IsNull:
				got += " NULL"
			case isNumber:
				text, err := cell.AppendText(nil)
				if err != nil {
					t.Fatal(err)
				}
				got += " " + string(text)
			default:
				got += " string 45 " + string(v.Value)
				if v.Collation != 45 {
					t.Errorf("collation %d", v.Collation)
				}
			}
			if got != tc.want {
				t.Errorf("found %q, want %q", got, tc.want)
			}
		})
	}
}

// FuzzQuerySession: any status variables are read, and nothing of them is taken for more than they are.
func FuzzQuerySession(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x00\x00\x01\x00\x00\x00\x40\x00\x00\x00\x00\x06\x03std\x04\x2d\x00\x2d\x00\xff\x00\x0c\x01a\x00\x12\xff\x00\x13\x00"))
	f.Add([]byte("\x83\x01\x21\x00\x08\x03\x04\x21\x00\x21\x00\x08\x00\x05\x03UTC\x80\x01\x02\x03\x82\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, status []byte) {
		q := Query{Status: status}
		s := q.Session()
		s.EachCollation(func(uint16, uint16) {})
		if len(s.TimeZone)+len(s.CharsetCollations) > len(status) {
			t.Errorf("%q has a time zone %q and collations %q", status, s.TimeZone, s.CharsetCollations)
		}
	})
}
