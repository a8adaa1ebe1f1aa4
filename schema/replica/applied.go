package replica

import (
	"fmt"

	"binmend/decoder"
	"binmend/decoder/gtid"
)

// Applied is the applied set: the transactions that a replica has applied, by GTID. The zero value knows of none.
type Applied struct {
	Executed *gtid.Set         // MySQL
	UpTo     map[uint32]uint64 // MariaDB: the last sequence number of each domain
}

// Applied reads the applied set: Executed_Gtid_Set in MySQL, Gtid_Slave_Pos in a MariaDB replica that goes by GTID. SHOW SLAVE STATUS does
// not have the latter.
func (s *Status) Applied() (a Applied, err error) {
	switch {
	case s.Flavor == decoder.MySQL:
		if a.Executed, err = gtid.ParseSet(s.ExecutedGTID); err != nil {
			err = fmt.Errorf("Executed_Gtid_Set of the status: %w", err)
		}
	case s.UsesGTID() && s.GTIDSlavePos != "":
		list, err := gtid.ParseList(s.GTIDSlavePos)
		if err != nil {
			return a, fmt.Errorf("Gtid_Slave_Pos of the status: %w", err)
		}
		a.UpTo = map[uint32]uint64{}
		for _, id := range list {
			a.UpTo[id.Domain] = id.Seq
		}
	}
	return a, err
}

// IsKnown reports whether the status said what is applied.
func (a Applied) IsKnown() bool { return a.Executed != nil || a.UpTo != nil }

// Has reports whether the transaction with a GTID is known to be applied. One without a GTID never is.
func (a Applied) Has(id gtid.GTID) bool {
	if id.Flavor == gtid.MariaDB {
		seq, ok := a.UpTo[id.Domain]
		return ok && id.Seq <= seq
	}
	return a.Executed != nil && a.Executed.Contains(id)
}
