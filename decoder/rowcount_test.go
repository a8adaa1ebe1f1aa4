package decoder_test

import (
	"bytes"
	"slices"
	"testing"

	"binmend/decoder"
	"binmend/decoder/logfile"
)

// TestCount: counting the rows of an event finds as many as reading them, from the first on and from the second on.
func TestCount(t *testing.T) {
	for _, name := range realLogs(t, 64<<10) {
		log := readFile(t, name)
		read := countEach(t, log, func(re *decoder.RowsEvent) (n int, err error) {
			for _, err := range re.All() {
				if err != nil {
					return n, err
				}
				n++
			}
			return n, nil
		})
		for what, count := range map[string]func(*decoder.RowsEvent) (int, error){
			"from the first":  (*decoder.RowsEvent).Count,
			"from the second": func(re *decoder.RowsEvent) (int, error) { re.Next(); return re.Count() },
		} {
			if got := countEach(t, log, count); !slices.Equal(got, read) {
				t.Errorf("%s: rows of the events counted %s: %v, read: %v", name, what, got, read)
			}
		}
	}
}

// countEach counts the rows of each event, up to the first that can't be read.
func countEach(t *testing.T, log []byte, count func(*decoder.RowsEvent) (int, error)) (rows []int) {
	t.Helper()
	f, err := logfile.NewReader(bytes.NewReader(log), "log")
	if err != nil {
		return nil
	}
	for e, err := range decoder.NewReader(f).All() {
		if err != nil || !e.IsRows() {
			continue
		}
		re, err := e.Rows()
		if err != nil {
			return rows
		}
		n, err := count(re)
		if err != nil {
			return rows
		}
		rows = append(rows, n)
	}
	return rows
}
