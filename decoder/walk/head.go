package walk

import (
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

	set  *gtid.Set // MySQL: Previous_gtids; nil when the log has none
	list gtid.List // MariaDB: Gtid_list
	told bool      // the log has one of the two
}

// ReadHead reads the head of a log.
func (l Logs) ReadHead(name string) (*Head, error) {
	f, err := l.Opener.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	h := &Head{}
	for e, err := range decoder.NewReader(f).All() {
		if err != nil {
			return nil, err
		}
		if !logfile.IsPrologue(e.Type) {
			break
		}
		if err := h.addEvent(e); err != nil {
			return nil, err
		}
	}
	if h.Format == nil {
		return nil, &fault.Error{Reason: decoder.ErrTruncated, Pos: decoder.Position{File: name}, What: "expected events, found none after the magic number"}
	}
	return h, nil
}

func (h *Head) addEvent(e *decoder.Event) (err error) {
	switch {
	case h.Format == nil:
		h.Format, h.Created, h.Writer, h.Relay = e.Format, e.Timestamp, e.ServerID, e.Flags&decoder.FlagRelayLog != 0
	case h.told:
	case e.Type == decoder.EventPreviousGtids:
		h.set, err = e.PreviousGtids()
		h.told = true
	case e.Type == decoder.EventMariaGtidList && !h.Relay: // in a relay log it is the source's
		h.list, err = e.GtidList()
		h.told = true
	}
	return err
}

// Told reports whether the log says which transactions came before it.
func (h *Head) Told() bool { return h.told }

// Earlier is the set of transactions that a MySQL log says came before it; nil when it does not say.
func (h *Head) Earlier() *gtid.Set { return h.set }

// Follows reports whether the log was created after the transaction was logged. MySQL's logs say this exactly. MariaDB's give the
// last number of each domain and server, which are assumed to ascend.
func (h *Head) Follows(id gtid.GTID) bool {
	if h.set != nil {
		return h.set.Contains(id)
	}
	for _, g := range h.list {
		if g.Domain == id.Domain && g.Server == id.Server && g.Seq >= id.Seq {
			return id.Flavor == gtid.MariaDB
		}
	}
	return false
}
