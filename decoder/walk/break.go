package walk

import (
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

// Break is a place where a log does not go on where the one before it ended.
type Break struct {
	Before, After string // names as given, of the log before it and the one after it
	missing       string // what is missing, with its verb; "" when After is the same log as Before
	why           string // how that is known, where it is not by the numbers of the logs
}

func (b *Break) String() string {
	before, after := filepath.Base(b.Before), filepath.Base(b.After)
	if b.missing == "" {
		return fmt.Sprintf("%s and %s are the same log", before, after)
	}
	return fmt.Sprintf("%s missing between %s and %s%s", b.missing, before, after, b.why)
}

// Err is the break as an error, for what has to be whole.
func (b *Break) Err() error {
	reason := ErrMissing
	if b.missing == "" {
		reason = ErrTwice
	}
	return &fault.Error{Reason: reason, What: b.String()}
}

// maxNamed bounds the missing logs that are named one by one.
const maxNamed = 3

// breakBetween is the break between two neighbours, nil when there is none or nothing shows one. Numbers show it; where the
// number of a log is not known, as of a renamed one that its server did not end, what the two say of transactions, times and the
// source's log does.
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

// missingTransactions says which transactions came before a log by what it says of itself, and are neither in the one before it
// nor came before that; "" when there are none, or when the logs don't say.
func (l Logs) missingTransactions(before, after *member) string {
	switch earlier, later := before.head, after.head; {
	case earlier.set != nil && later.set != nil:
		missing := &gtid.Set{}
		missing.Union(later.set)
		missing.Subtract(earlier.set)
		if missing.IsEmpty() {
			return ""
		}
		logged := &gtid.Set{}
		if err := l.eachGTID(before.name, logged.Add); err != nil {
			return ""
		}
		if missing.Subtract(logged); !missing.IsEmpty() {
			return fmt.Sprintf("a log with %s is", missing)
		}
	case earlier.list != nil && later.list != nil:
		last := map[gtid.GTID]uint64{} // by domain and server
		note := func(id gtid.GTID) {
			seq := id.Seq
			id.Seq = 0
			last[id] = max(last[id], seq)
		}
		for _, id := range earlier.list {
			note(id)
		}
		if err := l.eachGTID(before.name, note); err != nil {
			return ""
		}
		for _, id := range later.list {
			server := id
			if server.Seq = 0; id.Seq > last[server] {
				return fmt.Sprintf("a log with %s is", id)
			}
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

// rotation is how much later than its Rotate event, in seconds, a server begins the next log at most: all servers give both
// events the time of the statement that rotates.
const rotation = 2

// missingByTime reports whether a log is missing by the time at which the one before it was ended for the next one, which begins
// at once. A log that begins with its server's start is not the one that another one ended for.
func missingByTime(before, after *member) (missing, why string) {
	switch at := after.head.Created; {
	case before.ended == 0:
		return "", ""
	case after.head.Format.Created != 0:
		return "a log is", fmt.Sprintf(": the former ended by beginning another one at %s, the latter began when its server started", words.Clock(int64(before.ended)))
	case at > before.ended+rotation:
		return "a log is", fmt.Sprintf(": the former ended by beginning another one at %s, the latter began at %s",
			words.Clock(int64(before.ended)), words.Clock(int64(at)))
	}
	return "", ""
}
