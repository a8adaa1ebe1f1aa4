package stats

import (
	"cmp"
	"slices"
	"time"
)

// maxSessions bounds the sessions that are counted one by one. When there are more, the smaller half is summed up. A session is busy for a
// while and then gone, so one that wrote much stays in the list.
const maxSessions = 20_000

// sessionKey names a session; thread 0 stands for all of a server that the log does not tell apart.
type sessionKey struct{ server, thread uint32 }

// session is what was counted of one session, or of one server.
type session struct {
	sessionKey
	Rows
	transactions uint64
	bytes        uint64
	begin, end   int64 // commits, in seconds since 1970
}

func (s *session) addTransaction(t *pending) {
	s.Rows.addRows(t.Rows)
	s.transactions++
	s.bytes += t.bytes
	at := t.commit()
	if s.transactions == 1 || at < s.begin {
		s.begin = at
	}
	if s.transactions == 1 || at > s.end {
		s.end = at
	}
}

// sessions holds what each session wrote.
type sessions struct {
	most   int
	all    map[sessionKey]*session
	last   *session // of the transaction before: often the next one's as well
	others Others
}

func newSessions(most int) *sessions {
	return &sessions{most: most, all: map[sessionKey]*session{}, others: Others{Exact: true}}
}

func (ss *sessions) addTransaction(key sessionKey, t *pending) {
	if ss.last == nil || ss.last.sessionKey != key {
		ss.last = ss.find(key)
	}
	ss.last.addTransaction(t)
}

func (ss *sessions) find(key sessionKey) *session {
	s := ss.all[key]
	if s == nil {
		if len(ss.all) >= ss.most {
			ss.shrink()
		}
		s = &session{sessionKey: key}
		ss.all[key] = s
	}
	return s
}

// shrink sums up the smaller half.
func (ss *sessions) shrink() {
	for _, s := range ss.sorted()[ss.most/2:] {
		ss.others.addSession(s)
		delete(ss.all, s.sessionKey)
	}
	ss.others.Exact = false
}

func (o *Others) addSession(s *session) {
	o.Count++
	o.Rows += s.Rows.Total()
	o.Bytes += s.bytes
	o.Transactions += s.transactions
}

func (ss *sessions) sorted() []*session {
	all := make([]*session, 0, len(ss.all))
	for _, s := range ss.all {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *session) int {
		return cmp.Or(cmp.Compare(b.bytes, a.bytes), cmp.Compare(a.server, b.server), cmp.Compare(a.thread, b.thread))
	})
	return all
}

// report gives the sessions with most bytes, and the sum of the others.
func (ss *sessions) report(most int) ([]Session, Others) {
	all := ss.sorted()
	shown := all[:min(len(all), most)]
	list := make([]Session, 0, len(shown))
	for _, s := range shown {
		list = append(list, Session{ServerID: s.server, ThreadID: s.thread, Rows: s.Rows, Transactions: s.transactions,
			Bytes: s.bytes, Begin: timeOf(s.begin), End: timeOf(s.end)})
	}
	rest := ss.others
	for _, s := range all[len(shown):] {
		rest.addSession(s)
	}
	return list, rest
}

// timeOf is a time in seconds since 1970; nil for 0, which stands for none.
func timeOf(seconds int64) *time.Time {
	if seconds == 0 {
		return nil
	}
	t := utc(seconds)
	return &t
}
