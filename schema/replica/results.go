package replica

import (
	"errors"
	"slices"
	"strings"
)

// Result is what a server answered to SHOW REPLICA STATUS, or to a SELECT from performance_schema's
// replication_applier_status_by_worker or _by_coordinator. A value that is NULL is "".
type Result struct {
	Columns []string
	Rows    [][]string
}

// FromResults reads every channel's status out of a server's own answers, as Parse does out of pasted text. The error is
// ErrNotReplica when there is none.
func FromResults(version string, results ...Result) ([]*Status, error) {
	p := parser{channels: map[string]*Status{}, version: version}
	n := 0
	for _, result := range results {
		for _, values := range result.Rows {
			n++
			if err := p.addRow(newRow(n, result.Columns, values)); err != nil {
				return nil, err
			}
		}
	}
	if !slices.ContainsFunc(p.order, func(s *Status) bool { return s.shown }) {
		return nil, ErrNotReplica
	}
	return p.finish(), nil
}

// ErrNotReplica: the server that was asked replicates from none.
var ErrNotReplica = errors.New("this server is not a replica: SHOW REPLICA STATUS is empty")

// newRow makes row n of the names and values of its columns.
func newRow(n int, columns, values []string) row {
	r := row{line: n, cells: map[string]cell{}}
	for i, name := range columns {
		r.cells[canonical(name)] = cell{line: n, value: strings.Split(values[i], "\n")}
		r.replicaWords = r.replicaWords || isModern(name)
	}
	return r
}
