package walk

import (
	"cmp"
	"slices"

	"binmend/decoder/logfile"
)

// Series splits the logs into those that one server wrote, by their names alone: logs of one name and folder, by ascending
// number. Logs without a number stay together, in the order given.
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

// IsNumbered reports, for a series, whether the logs are of one server and in the order in which it wrote them.
func (l Logs) IsNumbered() bool {
	_, _, ok := logfile.Number(l.Names[0])
	return ok
}
