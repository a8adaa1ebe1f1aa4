package decoder

import "io"

// Count passes over the rows that are left and returns the number of all rows of the event. Values are measured, not
// looked at: JSON diffs and compressed values are not checked.
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

// skip passes over the next row; io.EOF ends.
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

// skipImage passes over what readImage reads.
func (re *RowsEvent) skipImage(p *imagePlan) {
	if re.preGA {
		re.skipRecord(p)
		return
	}
	nulls := re.data.Bytes(uint64(p.columns+7)/8, "null bits")
	if re.data.Err() != nil {
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
