package filter

import (
	"fmt"
	"math"
	"strings"
	"time"
)

var kindNames = map[string]Kinds{"insert": Inserts, "update": Updates, "delete": Deletes, "ddl": DDL}

// ParseKinds reads kinds of changes, as in "insert,update".
func ParseKinds(text string) (kinds Kinds, err error) {
	for name := range strings.SplitSeq(text, ",") {
		kind, ok := kindNames[strings.ToLower(strings.TrimSpace(name))]
		if !ok {
			return 0, fmt.Errorf("expected insert, update, delete or ddl, found %q", name)
		}
		kinds |= kind
	}
	return kinds, nil
}

// timeForms are how a time may be written; without an offset it is UTC.
var timeForms = []string{
	"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02", "2006-01-02T15:04:05", "2006-01-02T15:04:05Z07:00", "2006-01-02 15:04:05Z07:00",
}

// ParseTime reads a time as the seconds since 1970 that an event header can hold.
func ParseTime(text string) (seconds uint32, err error) {
	for _, form := range timeForms {
		t, err := time.Parse(form, text)
		if err == nil && t.Unix() > 0 && t.Unix() <= math.MaxUint32 {
			return uint32(t.Unix()), nil
		}
	}
	return 0, fmt.Errorf("expected a time as '2024-01-31 23:59:59' (UTC) or '2024-01-31T23:59:59+02:00', found %q", text)
}
