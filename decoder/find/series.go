package find

import (
	"sort"

	"binmend/decoder"
	"binmend/decoder/gtid"
	"binmend/decoder/logfile"
)

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

// isNumbered says whether the logs are of one server and in the order in which it wrote them.
func (l Logs) isNumbered() bool {
	_, _, ok := logfile.Number(l.Names[0])
	return ok
}

// Head is what a log says of itself before its first transaction.
type Head struct {
	Format  *decoder.Format
	Created uint32 // when its server began it, seconds since 1970
	Writer  uint32 // server id of that server
	Relay   bool

	set  *gtid.Set // MySQL: Previous_gtids; nil when the log has none
	list gtid.List // MariaDB: Gtid_list
	told bool      // one of the two is there
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
		if err := h.add(e); err != nil {
			return nil, err
		}
	}
	if h.Format == nil {
		return nil, &decoder.Error{Kind: decoder.ErrTruncated, Pos: decoder.Position{File: name}, What: "expected events, found none behind the magic number"}
	}
	return h, nil
}

func (h *Head) add(e *decoder.Event) (err error) {
	switch {
	case h.Format == nil:
		h.Format, h.Created, h.Writer, h.Relay = e.Format, e.Timestamp, e.ServerID, e.Flags&decoder.FlagRelayLog != 0
	case h.told:
	case e.Type == decoder.EventPreviousGtids:
		h.set, err = gtid.DecodeSet(e.Body)
		h.told = true
	case e.Type == decoder.EventMariaGtidList && !h.Relay: // in a relay log it is the source's
		h.list, err = gtid.DecodeList(e.Body)
		h.told = true
	}
	if err != nil {
		err = &decoder.Error{Kind: decoder.ErrCorrupt, Pos: e.Pos, Type: e.Type, What: err.Error()}
	}
	return err
}

// follows says whether the log was begun after the transaction was logged. MySQL tells it exactly. MariaDB tells the last
// number of each domain and server; that numbers ascend is assumed.
func (h *Head) follows(id gtid.GTID) bool {
	if h.set != nil {
		return h.set.Contains(id)
	}
	for _, g := range h.list {
		if g.Domain == id.Domain && g.Server == id.Server && g.Seq >= id.Seq {
			return id.Flavour == gtid.MariaDB
		}
	}
	return false
}

// search finds the first log of the series whose head answers yes, as those of all later ones do; len(Names) when none does.
// It reads the heads of O(log n) logs. ok is false when one of them can't answer.
func (l Logs) search(yes func(*Head) (answer, ok bool)) (first int, ok bool) {
	ok = l.isNumbered()
	first = sort.Search(len(l.Names), func(i int) bool {
		if !ok {
			return true
		}
		h, err := l.ReadHead(l.Names[i])
		if err != nil {
			ok = false
			return true
		}
		answer, told := yes(h)
		ok = told
		return answer
	})
	return first, ok
}

// placeOf is the log of the series that holds the transaction if any does, -1 when all were begun after it. ok is false when
// the logs do not tell.
func (l Logs) placeOf(id gtid.GTID) (i int, ok bool) {
	first, ok := l.search(func(h *Head) (bool, bool) { return h.follows(id), h.told })
	return first - 1, ok
}
