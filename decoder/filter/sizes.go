package filter

import (
	"io"

	"binmend/decoder"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
)

// Sizes holds which transactions are large enough: one bit each, by their number.
type Sizes struct{ large []uint64 }

// Large reports whether a transaction is large enough. Numbers begin at 1.
func (s *Sizes) Large(number int) bool {
	return s != nil && number/64 < len(s.large) && s.large[number/64]>>(number%64)&1 == 1
}

func (s *Sizes) addTransaction(number int) {
	for number/64 >= len(s.large) {
		s.large = append(s.large, 0)
	}
	s.large[number/64] |= 1 << (number % 64)
}

// Measure reads w to its end, and returns which transactions have at least f.MinRows rows and f.MinBytes bytes. A second walk
// over the same events numbers them the same.
func (f *Filter) Measure(w *walk.Walk) (*Sizes, error) {
	s := &Sizes{}
	var rows, bytes uint64
	for {
		e, step, err := w.Next()
		if err == io.EOF {
			return s, nil
		}
		if err != nil {
			return nil, err
		}
		if step.Begins() {
			rows, bytes = 0, 0
		}
		if step == txn.Outside {
			continue
		}
		if e.Inner == 0 { // events inside a payload are counted with the payload
			bytes += uint64(e.Length)
		}
		if f.MinRows > 0 && e.IsRows() {
			n, err := countRows(e)
			if err != nil {
				return nil, err
			}
			rows += n
		}
		if step.Ends() && rows >= f.MinRows && bytes >= f.MinBytes {
			s.addTransaction(w.Number())
		}
	}
}

func countRows(e *decoder.Event) (uint64, error) {
	re, err := e.Rows()
	if err != nil {
		return 0, err
	}
	n, err := re.Count()
	return uint64(n), err
}
