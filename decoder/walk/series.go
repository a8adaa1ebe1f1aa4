package walk

import "binmend/decoder/logfile"

// Series splits the logs into runs that one server wrote one after the other: logs of one name and folder with ascending
// numbers. Logs without a number stay together with their neighbours of that kind, in the order given.
func (l Logs) Series() []Logs {
	var all []Logs
	for i, name := range l.Names {
		if i == 0 || !follows(l.Names[i-1], name) {
			all = append(all, Logs{Opener: l.Opener})
		}
		last := &all[len(all)-1]
		last.Names = append(last.Names, name)
	}
	return all
}

func follows(before, name string) bool {
	stemBefore, numberBefore, numberedBefore := logfile.Number(before)
	stem, number, numbered := logfile.Number(name)
	if !numbered || !numberedBefore {
		return numbered == numberedBefore
	}
	return stem == stemBefore && number > numberBefore
}

// IsNumbered reports, for a series, whether the logs are of one server and in the order in which it wrote them.
func (l Logs) IsNumbered() bool {
	_, _, ok := logfile.Number(l.Names[0])
	return ok
}
