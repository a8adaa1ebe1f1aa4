package find

import (
	"io"

	"binmend/decoder"
	"binmend/decoder/gtid"
)

// Origin tells where the transactions in a server's own binary logs were first written.
type Origin struct {
	Server     uint32 // whose log it is; 0 for a relay log
	Own        uint64 // transactions that were first written on it
	Replicated uint64 // transactions that it applied for another server
}

// Origin counts the transactions of a log by server id and, with MySQL's GTIDs, those of the logs before it by UUID. Only the
// events that begin transactions are read and verified.
func (l Logs) Origin(name string) (Origin, error) {
	h, err := l.ReadHead(name)
	if err != nil || h.Relay {
		return Origin{}, err
	}
	o := Origin{Server: h.Writer}
	w, err := Logs{Names: []string{name}, Opener: l.Opener}.WalkFrom(decoder.Position{})
	if err != nil {
		return o, err
	}
	defer w.Close()
	w.src.Only(begins)
	var own gtid.UUID
	for {
		_, step, err := w.Next()
		switch {
		case err == io.EOF:
			o.addEarlier(h.set, own)
			return o, nil
		case err != nil:
			return o, err
		case !step.Begins():
		case w.tracker.Current().ServerID == o.Server:
			o.Own++
			own = w.tracker.GTID().TSID.UUID
		default:
			o.Replicated++
		}
	}
}

// begins says whether a transaction may begin with an event of the type.
func begins(t decoder.EventType) bool {
	return announces(t) || t == decoder.EventQuery
}

// addEarlier adds the transactions of the logs before. They count only where the server's own UUID is known: without it, a
// log of a source would look like a replica's.
func (o *Origin) addEarlier(earlier *gtid.Set, own gtid.UUID) {
	if earlier == nil || own == (gtid.UUID{}) {
		return
	}
	for tsid, intervals := range earlier.Intervals {
		count := &o.Replicated
		if tsid.UUID == own {
			count = &o.Own
		}
		for _, iv := range intervals {
			*count += iv.Last - iv.First + 1
		}
	}
}

// IsReplicas says whether the log is that of a replica: most of what it holds was first written on another server.
func (o Origin) IsReplicas() bool { return o.Replicated > o.Own }
