package serve

import (
	"errors"
	"io"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/gtid"
	"binmend/decoder/logfile"
)

// prologue is what the beginning of a log says, as far as it has been written.
type prologue struct {
	format   *decoder.Format // nil if not even that is written
	serverID uint32          // of the server that wrote it
	previous *gtid.Set       // MySQL: what the logs before hold; nil when it does not say
	list     gtid.List       // MariaDB: the same
	hasList  bool
	first    decoder.Gtid      // of the first transaction; its ID is zero without one
	begins   decoder.EventType // the first event after the prologue; EventUnknown for none yet
}

// readPrologue reads the beginning of a log up to its first transaction.
func readPrologue(open logfile.Opener, path string) (prologue, error) {
	var p prologue
	f, err := open.Open(path)
	if err != nil {
		return p, err
	}
	defer f.Close()
	r := decoder.NewReader(f)
	for {
		e, err := r.Next()
		if err == io.EOF || errors.Is(err, decoder.ErrTruncated) {
			return p, nil
		}
		if err != nil {
			return p, err
		}
		if done, err := p.addEvent(e); done || err != nil {
			return p, err
		}
	}
}

// addEvent reads the next event, and reports whether it is after the prologue.
func (p *prologue) addEvent(e *decoder.Event) (after bool, err error) {
	if e.RelayLog {
		return false, &fault.Error{Reason: ErrRelayLog, Pos: e.Pos, Event: e.Type.String(), What: "expected a source's binary log, found a relay log"}
	}
	switch e.Type {
	case decoder.EventFormatDescription:
		p.format, p.serverID = e.Format, e.ServerID
	case decoder.EventPreviousGtids:
		p.previous, err = gtid.DecodeSet(e.Body)
	case decoder.EventMariaGtidList:
		p.hasList = true
		p.list, err = gtid.DecodeList(e.Body)
	}
	if err != nil {
		return false, &fault.Error{Reason: decoder.ErrCorrupt, Pos: e.Pos, Event: e.Type.String(), What: err.Error()}
	}
	if e.IsGtid() {
		p.first, err = e.Gtid()
	}
	if logfile.IsPrologue(e.Type) {
		return false, err
	}
	p.begins = e.Type
	return true, err
}

// unfinished reports whether the log ends before it says what the logs before it hold.
func (p *prologue) unfinished() bool {
	return p.begins == decoder.EventUnknown && p.previous == nil && !p.hasList
}

// gtidMode reports whether transactions have GTIDs, as far as the log shows.
func (p *prologue) gtidMode() (on, known bool) {
	switch {
	case !p.first.ID.IsZero() && p.first.ID.Flavor == gtid.MySQL:
		return true, true
	case p.previous != nil && !p.format.Server.AtLeast(5, 7, 0): // 5.6 writes it only with GTIDs
		return true, true
	case p.begins != decoder.EventUnknown:
		return false, true
	}
	logged := p.previous != nil && !p.previous.IsEmpty()
	return logged, logged
}
