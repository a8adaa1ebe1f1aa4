package fault_test

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"testing"

	"binmend/decoder/fault"
)

var (
	damaged  = fault.NewReason("damaged")
	checksum = damaged.Kind("bad checksum")
	locked   = fault.NewReason("locked")
)

func TestErrorText(t *testing.T) {
	for _, c := range []struct {
		name string
		err  fault.Error
		want string
	}{
		{"in an event", fault.Error{Pos: fault.Position{File: "b.000001", Offset: 120}, Event: "Query", What: "expected 4 bytes, found 2"},
			"b.000001: offset 120: Query event: expected 4 bytes, found 2"},
		{"of a log", fault.Error{Pos: fault.Position{File: "b.000001"}, What: "empty"}, "b.000001: offset 0: empty"},
		{"with a cause", fault.Error{About: "the source db1", Err: fs.ErrPermission}, "the source db1: permission denied"},
		{"with both", fault.Error{About: "table shop.orders", What: "no definition", Err: fs.ErrNotExist},
			"table shop.orders: no definition: file does not exist"},
	} {
		if got := c.err.Error(); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestReasons(t *testing.T) {
	err := fmt.Errorf("reading: %w", &fault.Error{Reason: checksum, What: "expected 1, found 2", Err: fs.ErrClosed})
	for _, is := range []error{checksum, damaged, fs.ErrClosed} {
		if !errors.Is(err, is) {
			t.Errorf("%v is not %q", err, is)
		}
	}
	if errors.Is(err, locked) {
		t.Errorf("%v is %q", err, locked)
	}
}

// TestTexts: joined errors have a text each, equal ones only once; what has others as its cause is one error.
func TestTexts(t *testing.T) {
	full, busy := &fault.Error{About: "a", What: "no space left"}, errors.New("busy\nnow")
	for _, c := range []struct {
		err  error
		want []string
	}{
		{busy, []string{"busy\nnow"}},
		{errors.Join(full, busy, errors.Join(full, fs.ErrClosed)), []string{"a: no space left", "busy\nnow", "file already closed"}},
		{&fault.Error{About: "a", Err: busy, Cause: full}, []string{"a: busy\nnow"}},
		{&fault.Error{}, []string{""}},
	} {
		if got := fault.Texts(c.err); !slices.Equal(got, c.want) {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
