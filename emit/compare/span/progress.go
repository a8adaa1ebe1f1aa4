package span

import (
	"path/filepath"
	"strconv"
	"strings"

	"binmend/decoder"
	"binmend/decoder/gtid"
	"binmend/decoder/txn"
	"binmend/schema/replica"
)

// Progress is how far a replica has applied its source's log: by GTID, with the gaps that parallel appliers leave, or up to a
// position of the source's log.
type Progress struct {
	replica.Applied
	Exec   replica.Place
	Source uint32 // the server id of the source, which Exec is a place in the log of; 0: not known
	// ByPosition: the replica asks its source for a position, not for what its GTIDs lack. What is before Exec never comes again.
	ByPosition bool
}

// ProgressOf reads the progress from a status.
func ProgressOf(s *replica.Status) (Progress, error) {
	p := Progress{Exec: s.Exec, Source: s.SourceServerID, ByPosition: !s.AutoPosition}
	var err error
	if s.Flavor != decoder.MariaDB {
		p.Applied, err = s.Applied()
		return p, err
	}
	list, err := gtid.ParseList(s.GTIDSlavePos) // a replica that uses positions has it too
	p.UpTo = map[uint32]uint64{}
	for _, id := range list {
		p.UpTo[id.Domain] = id.Seq
	}
	return p, err
}

// Has reports whether a transaction is applied, or was passed over: a GTID replica that was moved on by position lacks its GTID. own is
// the name of the source's log that it is in, "" for a relay log.
func (p *Progress) Has(t *txn.Transaction, own string) bool {
	switch {
	case p.Applied.Has(t.GTID):
		return true
	case !t.GTID.IsZero() && t.GTID.Flavor == gtid.MySQL && !p.ByPosition, p.Exec.File == "":
		return false
	case own != "":
		c := compareNames(own, p.Exec.File)
		return c < 0 || c == 0 && uint64(t.Start.Offset) < p.Exec.Pos
	}
	c := compareNames(t.SourceFile, p.Exec.File)
	return t.SourceFile != "" && (c < 0 || c == 0 && int32(t.SourceStart-uint32(p.Exec.Pos)) < 0) // they wrap at 4 GiB
}

// Equal reports whether the progress is the same.
func (p *Progress) Equal(other *Progress) bool {
	if p.Exec != other.Exec || len(p.UpTo) != len(other.UpTo) || (p.Executed == nil) != (other.Executed == nil) {
		return false
	}
	for domain, seq := range p.UpTo {
		if other.UpTo[domain] != seq {
			return false
		}
	}
	return p.Executed == nil || p.Executed.String() == other.Executed.String()
}

// compareNames compares names of one server's logs by their numbers.
func compareNames(a, b string) int {
	x, y := numberOf(a), numberOf(b)
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

func numberOf(name string) uint64 {
	ext := strings.TrimPrefix(filepath.Ext(name), ".")
	n, err := strconv.ParseUint(ext, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
