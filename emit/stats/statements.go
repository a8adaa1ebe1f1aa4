package stats

import (
	"cmp"
	"slices"

	"binmend/decoder"
	"binmend/decoder/gtid"
	"binmend/emit/display"
)

const (
	leastDDL = 100 // statements that are listed, however short the other lists are
	maxVerbs = 1_000
	// statementText is how many bytes of a statement are kept.
	statementText = 400
)

// statements counts what was logged as statements.
type statements struct {
	most    int // that are listed
	list    []Statement
	more    int
	byVerb  map[verb]uint64
	dml     uint64
	ddl     uint64
	slowest Statement
}

func newStatements(most int) statements {
	return statements{most: max(most, leastDDL), byVerb: map[verb]uint64{}}
}

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
	full := len(s.list) >= s.most
	slow := seconds(q) > s.slowest.Seconds
	if full {
		s.more++
	}
	if full && !slow {
		return
	}
	x := Statement{
		Time: utc(int64(e.Timestamp)), File: e.Pos.File, Offset: e.Pos.Offset, GTID: id.String(), ServerID: e.ServerID,
		ThreadID: q.ThreadID, Seconds: seconds(q), Database: string(q.Database), Text: display.OneLine(q.SQL, statementText),
	}
	if slow {
		s.slowest = x
	}
	if !full {
		s.list = append(s.list, x)
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
		list = append(list, VerbCount{Verb: v.String(), Kind: v.kind.String(), Count: n})
	}
	slices.SortFunc(list, func(a, b VerbCount) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Verb, b.Verb)) })
	return list
}
