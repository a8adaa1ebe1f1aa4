package stats

import (
	"cmp"
	"slices"

	"binmend/decoder"
	"binmend/decoder/gtid"
	"binmend/emit/display"
)

const (
	maxDDL   = 10_000 // statements that are listed
	maxVerbs = 1_000
	// statementText is how many bytes of a statement are kept.
	statementText = 400
)

// statements counts what was logged as statements.
type statements struct {
	list    []Statement
	more    int
	byVerb  map[verb]uint64
	dml     uint64
	ddl     uint64
	slowest int // index into list; -1: none
}

func newStatements() statements { return statements{byVerb: map[verb]uint64{}, slowest: -1} }

func (s *statements) count(v verb) {
	if _, known := s.byVerb[v]; known || len(s.byVerb) < maxVerbs {
		s.byVerb[v]++
	}
	switch v.kind {
	case dml:
		s.dml++
	case ddl:
		s.ddl++
	}
}

// note lists a DDL statement.
func (s *statements) note(e *decoder.Event, q *decoder.Query, id gtid.GTID) {
	if len(s.list) >= maxDDL {
		s.more++
		return
	}
	s.list = append(s.list, Statement{
		Time: utc(int64(e.Timestamp)), File: e.Pos.File, Offset: e.Pos.Offset, GTID: id.String(), ServerID: e.ServerID,
		ThreadID: q.ThreadID, Seconds: seconds(q), Database: string(q.Database), Text: display.OneLine(q.SQL, statementText),
	})
	if n := len(s.list) - 1; s.slowest < 0 || s.list[n].Seconds > s.list[s.slowest].Seconds {
		s.slowest = n
	}
}

// seconds is how long a statement took. A session that sets TIMESTAMP makes it a nonsense, which wraps below zero.
func seconds(q *decoder.Query) uint32 {
	if q.ExecTime > maxClockSkew {
		return 0
	}
	return q.ExecTime
}

func (s *statements) verbs() []VerbCount {
	list := make([]VerbCount, 0, len(s.byVerb))
	for v, n := range s.byVerb {
		list = append(list, VerbCount{Verb: v.name, Kind: v.kind.String(), Count: n})
	}
	slices.SortFunc(list, func(a, b VerbCount) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Verb, b.Verb)) })
	return list
}
