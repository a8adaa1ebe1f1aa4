package walk

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/gtid"
	"binmend/decoder/logfile"
	"binmend/decoder/words"
)

// Break is a place where a log does not continue the one before it.
type Break struct {
	Before, After string // the logs before and after it, named as given
	missing       string // what is missing, with its verb; "" when After is the same log as Before
	why           string // how that is known, if not by the numbers of the logs
	mixed         bool   // one is of MySQL and one of MariaDB; nothing else is said
}

// mixedFlavors is the break between logs of servers of different flavours, nil if they are of one, or unknown.
func mixedFlavors(before, after *member) *Break {
	if before.head == nil || after.head == nil || before.head.Format == nil || after.head.Format == nil ||
		before.head.Format.Server.Flavor == after.head.Format.Server.Flavor {
		return nil
	}
	return &Break{Before: before.name, After: after.name, mixed: true}
}

func (b *Break) String() string {
	before, after := filepath.Base(b.Before), filepath.Base(b.After)
	if b.mixed {
		return fmt.Sprintf("one of %s and %s is of MySQL, and the other of MariaDB", before, after)
	}
	if b.missing == "" {
		return fmt.Sprintf("%s and %s are the same log", before, after)
	}
	text := fmt.Sprintf("%s missing between %s and %s", b.missing, before, after)
	if b.why != "" {
		text += ": " + b.why
	}
	return text
}

// isRenumbered reports whether one log, by what it says, stands under two file names with different numbers.
func (b *Break) isRenumbered() bool {
	return !b.mixed && b.missing == "" && haveOwnNumbers(b.Before, b.After)
}

// Copies tells of logs that stand there several times under different numbers. Breaks of another kind are an error.
func Copies(breaks []*Break) (string, error) {
	for _, b := range breaks {
		if !b.isRenumbered() {
			return "", b.Err()
		}
	}
	text := breaks[0].String()
	if more := len(breaks) - 1; more > 0 {
		text += fmt.Sprintf(", and %s too", words.Count(more, "further log"))
	}
	return text, nil
}

// Once is for callers that add up what the logs hold: a log that is there twice is an error, and the breaks of another kind are noted.
func (r Range) Once(breaks []*Break, note func(string)) error {
	for _, b := range breaks {
		if err := b.Err(); errors.Is(err, ErrTwice) {
			return err
		}
		note(b.String())
	}
	if r.Copy != "" {
		return &fault.Error{Reason: ErrTwice, What: r.Copy}
	}
	return nil
}

// Err is the break as an error, for callers that need all logs.
func (b *Break) Err() error {
	reason := ErrMissing
	switch {
	case b.mixed:
		reason = ErrMixed
	case b.missing == "":
		reason = ErrTwice
	}
	return &fault.Error{Reason: reason, What: b.String()}
}

// maxNamed bounds the missing logs that are named one by one.
const maxNamed = 3

// breakBetween is the break between two neighbours, nil when nothing shows one. Their numbers show it. If a number is unknown, as
// for a renamed log without an end, it shows in what the two say about transactions, times and the source's log.
func (l Logs) breakBetween(before, after *member) *Break {
	b := &Break{Before: before.name, After: after.name}
	switch {
	case before.head != nil && after.head != nil && !(before.placed && after.placed):
		if b.missing = l.missingTransactions(before, after); b.missing == "" {
			b.missing, b.why = missingByTime(before, after)
		}
		if b.missing == "" {
			b.missing, b.why = l.missingOnSource(before, after)
		}
		if b.missing == "" {
			return nil
		}
	case !before.placed || !after.placed || after.number == before.number+1:
		return nil
	case after.number != before.number:
		b.missing = missingNumbers(before.stem, before.number+1, after.number-1)
	}
	return b
}

// missingNumbers names the logs from the first to the last number.
func missingNumbers(stem string, first, last uint64) string {
	name := func(n uint64) string { return fmt.Sprintf("%s.%06d", filepath.Base(stem), n) }
	switch {
	case first == last:
		return name(first) + " is"
	case last-first >= maxNamed:
		return name(first) + " to " + name(last) + " are"
	}
	var names []string
	for n := first; n <= last; n++ {
		names = append(names, name(n))
	}
	return strings.Join(names, ", ") + " are"
}

// missingTransactions names the transactions that a log says came before it, and that neither are in the log before it nor came
// before that one; "" when there are none, or the logs don't say.
func (l Logs) missingTransactions(before, after *member) string {
	switch earlier, later := l.whole(before), l.whole(after); {
	case earlier.set != nil && later.set != nil:
		missing := later.set.Minus(earlier.set)
		if missing.IsEmpty() {
			return ""
		}
		logged := &gtid.Set{}
		if err := l.eachGTID(before.name, logged.Add); err != nil {
			return ""
		}
		if missing.Subtract(logged); !missing.IsEmpty() {
			return fmt.Sprintf("a log with %s is", missing.Brief())
		}
	case earlier.list != nil && later.list != nil:
		id, missing, err := missingOf(earlier.list, later.list, func(yield func(gtid.GTID)) error { return l.eachGTID(before.name, yield) })
		if err == nil && missing {
			return fmt.Sprintf("a log with %s is", id)
		}
	}
	return ""
}

// eachGTID calls yield for the GTID of each transaction of a log, whose rows it does not read.
func (l Logs) eachGTID(name string, yield func(gtid.GTID)) error {
	l.Names = []string{name}
	w, err := Range{Logs: l}.Transactions()
	if err != nil {
		return err
	}
	defer w.Close()
	w.Only(func(t decoder.EventType) bool {
		switch t {
		case decoder.EventGtid, decoder.EventGtidTagged, decoder.EventMariaGtid:
			return true
		}
		return logfile.IsPrologue(t)
	})
	for {
		e, err := w.reader.Next()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case !e.IsGtid():
			continue
		}
		g, err := e.Gtid()
		if err != nil {
			return err
		}
		if !g.ID.IsZero() {
			yield(g.ID)
		}
	}
}

// rotation is the most seconds between a log's Rotate event and the beginning of the next log: all servers give both events the
// time of the statement that rotates.
const rotation = 2

// missingByTime reports whether times show that a log is missing. When a log ends for the next one, that one begins at once, and
// not with a start of its server.
func missingByTime(before, after *member) (missing, why string) {
	switch at := after.head.Created; {
	case before.ended == 0:
		return "", ""
	case after.head.Format.Created != 0:
		return "a log is", fmt.Sprintf("the earlier one ended by beginning another at %s, the later one began when its server started", words.Clock(int64(before.ended)))
	case at > before.ended+rotation:
		return "a log is", fmt.Sprintf("the earlier one ended by beginning another at %s, the later one began at %s",
			words.Clock(int64(before.ended)), words.Clock(int64(at)))
	}
	return "", ""
}
