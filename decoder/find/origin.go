package find

import (
	"slices"

	"binmend/decoder"
	"binmend/decoder/gtid"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
)

// Origin says where the transactions in a server's own binary logs were first written.
type Origin struct {
	Server     uint32 // whose log it is; 0 for a relay log
	Own        uint64 // transactions that were first written on it
	Replicated uint64 // transactions that it applied for another server
}

const (
	enoughTransactions = 1000 // to say whose log it is
	mostLogs           = 4    // that are read for that
)

// OriginOf counts the first transactions of a log by server id and, if it has few, those of the logs before it in its series.
// With MySQL's GTIDs it also counts all transactions of earlier logs by UUID. It reads and verifies only the events that begin
// transactions.
func OriginOf(l walk.Logs, name string) (o Origin, err error) {
	var own gtid.UUID
	first := name
	for _, name := range before(l, name) {
		h, err := l.ReadHead(name)
		if err != nil {
			return o, err
		}
		first = name
		if h.Relay || o.Server != 0 && h.Writer != o.Server {
			return o, nil
		}
		o.Server = h.Writer
		if err := o.count(walk.Logs{Names: []string{name}, Opener: l.Opener}, &own); err != nil {
			return o, err
		}
		if o.Own+o.Replicated >= enoughTransactions {
			break
		}
	}
	if own == (gtid.UUID{}) { // without it, a source's log would look like a replica's
		return o, nil
	}
	return o, l.EachEarlier(first, func(tsid gtid.TSID, iv gtid.Interval) {
		count := &o.Replicated
		if tsid.UUID == own {
			count = &o.Own
		}
		*count += iv.Last - iv.First + 1
	})
}

// before lists a log and a few before it in its series, the latest first.
func before(l walk.Logs, name string) (names []string) {
	for _, series := range l.Series() {
		i := slices.Index(series.Names, name)
		for ; i >= 0 && len(names) < mostLogs; i-- {
			names = append(names, series.Names[i])
		}
	}
	if names == nil {
		names = []string{name}
	}
	return names
}

// count adds the transactions of one log. own becomes the server's UUID when the log has it.
func (o *Origin) count(log walk.Logs, own *gtid.UUID) error {
	src := log.Opener.OpenFiles(log.Names...)
	defer src.Close()
	src.Only(begins)
	var tracker txn.Tracker
	for e, err := range decoder.NewReader(src).All() {
		if err != nil {
			return err
		}
		step, err := tracker.AddEvent(e)
		switch {
		case err != nil:
			return err
		case !step.Begins():
		case e.ServerID == o.Server:
			o.Own++
			*own = tracker.GTID().TSID.UUID
		default:
			o.Replicated++
		}
		if o.Own+o.Replicated >= enoughTransactions {
			break
		}
	}
	return nil
}

// begins reports whether a transaction may begin with an event of the type.
func begins(t decoder.EventType) bool {
	return announces(t) || t == decoder.EventQuery
}

// IsReplicas reports whether a replica wrote the log: most of its transactions were first written on another server.
func (o Origin) IsReplicas() bool { return o.Replicated > o.Own }
