package decoder

import (
	"io"

	"binmend/decoder/internal/bin"
)

// Count skips the remaining rows and returns the number of all rows of the event. It only measures values: JSON diffs and
// compressed values are not checked.
func (re *RowsEvent) Count() (int, error) {
	for {
		switch err := re.skip(); err {
		case nil:
		case io.EOF:
			return re.number, nil
		default:
			return re.number, err
		}
	}
}

// skip skips the next row; io.EOF ends.
func (re *RowsEvent) skip() error {
	if re.data.Err() != nil {
		return re.failed(re.data.Err())
	}
	bare := re.bare
	left := re.data.Len()
	if left == 0 && !bare {
		return io.EOF
	}
	re.bare = false
	re.number++
	if re.Kind != Insert {
		re.skipImage(&re.before)
	}
	if re.Kind != Delete {
		re.readPartialBits()
		re.skipImage(&re.after)
	}
	if re.data.Len() == left && !bare {
		re.data.Fail(errEmptyRow)
	}
	if err := re.data.Err(); err != nil {
		return re.failed(err)
	}
	return nil
}

// skipImage skips what readImage reads.
func (re *RowsEvent) skipImage(p *imagePlan) {
	if re.preGA {
		re.skipRecord(p)
		return
	}
	nulls := re.data.Bytes(uint64(p.columns+7)/8, "null bits")
	if re.data.Err() != nil {
		return
	}
	if p.all && noneSet(nulls, p.columns) {
		re.skipStrides()
		return
	}
	present := 0
	for i := range re.Map.rowPlan {
		if !p.all && !bit(p.present, i) {
			continue
		}
		if !bit(nulls, present) {
			re.Map.rowPlan[i].read(&re.data)
		}
		present++
	}
}

// skipStrides skips a row image without NULLs.
func (re *RowsEvent) skipStrides() {
	rest := re.data.Peek()
	left := len(rest)
	for i := range re.Map.stride {
		s := &re.Map.stride[i]
		after, ok := s.split(rest)
		if !ok { // the cursor says what is missing
			re.data.Bytes(uint64(left-len(rest)), "values")
			s.skip(&re.data)
			return
		}
		rest = after
	}
	re.data.Bytes(uint64(left-len(rest)), "values")
}

// stride is a part of a row image without NULLs: columns of fixed length, followed by one with a length prefix.
type stride struct {
	fixed  int // bytes of all columns of fixed length
	prefix int // bytes of the length prefix of the column after them; 0 for no such column
}

// stridesOf combines columns of fixed length.
func stridesOf(plan []cellPlan) []stride {
	var all []stride
	var s stride
	for i := range plan {
		if plan[i].prefix == 0 {
			s.fixed += plan[i].fixed
			continue
		}
		s.prefix = plan[i].prefix
		all = append(all, s)
		s = stride{}
	}
	if s.fixed > 0 {
		all = append(all, s)
	}
	return all
}

// split returns what follows the stride; ok is false if b is too short.
func (s *stride) split(b []byte) (rest []byte, ok bool) {
	if s.fixed > len(b) {
		return b, false
	}
	if rest = b[s.fixed:]; s.prefix > 0 {
		_, rest, ok = bin.Prefixed(rest, s.prefix)
		return rest, ok
	}
	return rest, true
}

func (s *stride) skip(c *bin.Cursor) {
	c.Bytes(uint64(s.fixed), "values")
	if s.prefix > 0 {
		c.Bytes(c.Uint(s.prefix, "length of a value"), "value")
	}
}

// noneSet reports whether the first n bits of a bitmap are zero.
func noneSet(bitmap []byte, n int) bool {
	for _, b := range bitmap[:n/8] {
		if b != 0 {
			return false
		}
	}
	return n%8 == 0 || bitmap[n/8]<<(8-n%8) == 0
}
