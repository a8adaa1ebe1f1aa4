package list

import (
	"fmt"
	"path/filepath"
	"slices"

	"binmend/decoder/find"
	"binmend/decoder/gtid"
	"binmend/decoder/logfile"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
)

// Sources are the servers whose transactions a replica should apply. Without any, the logs decide as far as they can.
type Sources struct {
	Servers []uint32    // by server id
	UUIDs   []gtid.UUID // by server_uuid, MySQL's
}

// isGiven reports whether the sources are known.
func (s *Sources) isGiven() bool { return len(s.Servers)+len(s.UUIDs) > 0 }

// errant says why a transaction is not from the sources, "" if it is.
func (s *Sources) errant(t *txn.Transaction) string {
	if len(s.Servers) > 0 && !slices.Contains(s.Servers, t.ServerID) {
		return fmt.Sprintf("written on server %d, which is not the source", t.ServerID)
	}
	if len(s.UUIDs) > 0 && !t.GTID.IsZero() && t.GTID.Flavor == gtid.MySQL && !slices.Contains(s.UUIDs, t.GTID.TSID.UUID) {
		return fmt.Sprintf("its GTID is of %s, which is not the source", t.GTID.TSID.UUID)
	}
	return ""
}

// Judge finds errant transactions: those not written by the source. If no source is given, they are the transactions in a replica's
// own binary log that the replica itself wrote first. One log of a series is read for that.
type Judge struct {
	logs    walk.Logs
	sources Sources
	origins map[string]find.Origin // by the folder and name of a series
}

// NewJudge judges transactions in logs.
func NewJudge(logs walk.Logs, sources Sources) *Judge {
	return &Judge{logs: logs, sources: sources, origins: map[string]find.Origin{}}
}

// errant says why a transaction is errant, "" if it is not.
func (j *Judge) errant(t *txn.Transaction) string {
	if j.sources.isGiven() {
		return j.sources.errant(t)
	}
	o := j.origin(t.Start.File)
	if !o.IsReplicas() || t.ServerID != o.Server {
		return ""
	}
	return fmt.Sprintf("written on server %d itself, a replica: most transactions in its log are of other servers", o.Server)
}

// origin reads the log of a series' first transaction. A log that can't be read again, such as standard input or a damaged one,
// says nothing.
func (j *Judge) origin(name string) find.Origin {
	series := seriesOf(name)
	o, known := j.origins[series]
	if !known {
		o, _ = find.OriginOf(j.logs, name)
		j.origins[series] = o
	}
	return o
}

func seriesOf(name string) string {
	if stem, _, ok := logfile.Number(name); ok {
		return stem
	}
	return filepath.Clean(name)
}
