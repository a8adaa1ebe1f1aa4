package walk

import (
	"slices"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/gtid"
	"binmend/decoder/logfile"
)

// Head is what a log says about itself before its first transaction.
type Head struct {
	Format  *decoder.Format
	Created uint32 // when its server created it, seconds since 1970
	Writer  uint32 // server id of that server
	Relay   bool

	set  *gtid.Set    // MySQL: Previous_gtids; nil when the log has none
	list []lastNumber // MariaDB: Gtid_list
	told bool         // the log has one of the two
	size int          // its bytes

	sealed bool // MariaDB encrypted the events, each by itself: the last one can't be found from the end
}

// forget drops the set and the list, which may be large.
func (h *Head) forget() { h.set, h.list = nil, nil }

// ReadHead reads the head of a log, but not which transactions came before it.
func (l Logs) ReadHead(name string) (*Head, error) {
	return l.readHead(name, (*Head).addEvent)
}

// ReadWholeHead reads the head of a log with the transactions before it, which may take as much memory as they have bytes.
func (l Logs) ReadWholeHead(name string) (*Head, error) {
	return l.readHead(name, (*Head).addWhole)
}

func (l Logs) readHead(name string, add func(*Head, *decoder.Event) error) (*Head, error) {
	h := &Head{}
	if err := l.eachOfHead(name, func(e *decoder.Event) error { return add(h, e) }); err != nil {
		return nil, err
	}
	return h, nil
}

// EachEarlier calls yield for the transactions that a MySQL log says came before it.
func (l Logs) EachEarlier(name string, yield func(gtid.TSID, gtid.Interval)) error {
	return l.eachOfHead(name, func(e *decoder.Event) error {
		if e.Type != decoder.EventPreviousGtids {
			return nil
		}
		return e.EachPreviousGtid(yield)
	})
}

// eachOfHead calls yield for each event before the first transaction.
func (l Logs) eachOfHead(name string, yield func(*decoder.Event) error) error {
	f, err := l.Opener.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	events := 0
	for e, err := range decoder.NewReader(f).All() {
		if err != nil {
			return err
		}
		if !logfile.IsPrologue(e.Type) {
			break
		}
		events++
		if err := yield(e); err != nil {
			return err
		}
	}
	if events == 0 {
		return &fault.Error{Reason: decoder.ErrTruncated, Pos: decoder.Position{File: name}, What: "expected events, found none after the magic number"}
	}
	return nil
}

func (h *Head) addEvent(e *decoder.Event) error {
	h.Relay = e.RelayLog
	switch {
	case h.Format == nil:
		h.Format, h.Created, h.Writer = e.Format, e.Timestamp, e.ServerID
	case e.Type == decoder.EventPreviousGtids:
		return e.CheckPreviousGtids()
	}
	return nil
}

func (h *Head) addWhole(e *decoder.Event) (err error) {
	h.Relay = e.RelayLog
	h.sealed = h.sealed || e.StartsEncryption()
	switch {
	case h.Format == nil:
		return h.addEvent(e)
	case h.told:
	case e.Type == decoder.EventPreviousGtids:
		h.set, err = e.PreviousGtids()
		h.told, h.size = true, len(e.Body)
	case e.Type == decoder.EventMariaGtidList && !h.Relay: // in a relay log it is the source's
		h.list, err = readList(e)
		h.told, h.size = true, len(e.Body)
	}
	return err
}

// Told reports whether the log says which transactions came before it.
func (h *Head) Told() bool { return h.told }

// Follows reports whether the log was created after the transaction was logged. MySQL's logs say this exactly. MariaDB's give the
// last number of each domain and server, which are assumed to ascend.
func (h *Head) Follows(id gtid.GTID) bool {
	if h.set != nil {
		return h.set.Contains(id)
	}
	i, ok := slices.BinarySearchFunc(h.list, lastOf(id), compareServers)
	return ok && h.list[i].seq >= id.Seq && id.Flavor == gtid.MariaDB
}
