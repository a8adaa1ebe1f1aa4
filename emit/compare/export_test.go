package compare

import (
	"os"

	"binmend/decoder"
	"binmend/emit/runs"
	"binmend/emit/sqltext"
)

// NewResult is a result for the tests of what is printed: its tables have to be there before a difference is added.
func NewResult(v decoder.Version, dir string) *Result {
	return &Result{Version: v, dialect: sqltext.For(v).ForReading(), differ: runs.New(memoryOf, func() (string, error) { return os.MkdirTemp(dir, "*") })}
}

// AddDifference adds a difference of the row with a key.
func (r *Result) AddDifference(key string, x *Difference) error {
	x.Table.count(x, 1)
	return r.differ.AddRecord(r.appendKey(nil, x.Table, []byte(key)), x.record())
}
