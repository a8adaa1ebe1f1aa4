package walk

import (
	"cmp"
	"slices"

	"binmend/decoder/logfile"
)

// Series groups the logs by server, judged by their names alone: logs of one name and folder, by ascending number. Logs without a
// number stay together, in the given order.
func (l Logs) Series() []Logs {
	var all []Logs
	at := map[string]int{}
	for _, name := range l.Names {
		stem, _, _ := logfile.Number(name)
		i, known := at[stem]
		if !known {
			i = len(all)
			at[stem] = i
			all = append(all, Logs{Opener: l.Opener})
		}
		all[i].Names = append(all[i].Names, name)
	}
	for _, s := range all {
		slices.SortStableFunc(s.Names, func(a, b string) int {
			_, numberA, _ := logfile.Number(a)
			_, numberB, _ := logfile.Number(b)
			return cmp.Compare(numberA, numberB)
		})
	}
	return all
}

// ByName sorts the logs by their names alone, without opening them: those of one name and folder by ascending number.
func (l Logs) ByName() Logs {
	sorted := l
	sorted.Names = nil
	for _, s := range l.Series() {
		sorted.Names = append(sorted.Names, s.Names...)
	}
	return sorted
}

// IsNumbered reports whether the logs of a series have numbers: then they are of one server and in the order it wrote them.
func (l Logs) IsNumbered() bool {
	_, _, ok := logfile.Number(l.Names[0])
	return ok
}
