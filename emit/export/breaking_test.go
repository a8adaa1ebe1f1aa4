package export_test

import (
	"io"

	"binmend/decoder"
	"binmend/decoder/filter"
	"binmend/decoder/txn"
)

// breaking is a walk that breaks off.
type breaking struct {
	filter.Walker
	after int // events
}

func (b *breaking) Next() (*decoder.Event, txn.Step, error) {
	if b.after--; b.after < 0 {
		return nil, txn.Outside, io.ErrUnexpectedEOF
	}
	return b.Walker.Next()
}
