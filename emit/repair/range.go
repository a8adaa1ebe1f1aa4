package repair

import (
	"context"
	"strings"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/gtid"
	"binmend/decoder/txn"
	"binmend/schema/replica"
)

// Range is the run of transactions that a repair is for: the failing one, which is always planned, and those after it that the
// options ask for. With parallel appliers it begins earlier, with transactions that the replica has not applied yet; applied ones
// are left out.
type Range struct {
	From    decoder.Position // of the first transaction: Failing, or one before it
	Failing decoder.Position // where the failing transaction begins
	Stop    decoder.Position // the last transaction is the first that ends here or later; the zero Position: Ahead says which
	Ahead   int              // how many transactions after the failing one
	Applied replica.Applied  // transactions to leave out
	Domain  *uint32          // MariaDB: transactions of other GTID domains may be applied already; nil: they are not, or Applied has them
	Filters *replica.Filters // of the channel; nil when they are not known
	Notes   []string         // why the range is not the requested one
}

// rangeOf finds out where the range begins and what part of it the replica has applied.
func rangeOf(ctx context.Context, o *Options, s stopped, p *Place) (*Range, error) {
	failing := p.Transaction
	r := &Range{From: failing.Start, Failing: failing.Start, Stop: p.Stop}
	if s.status != nil {
		r.Filters = &s.status.Filters
	}
	if o.Ahead == 0 {
		return r, nil
	}
	if s.status == nil {
		return nil, &fault.Error{Reason: ErrAheadWithoutStatus, What: "transactions after the failing one, without a status"}
	}
	inOrder, err := appliesInOrder(ctx, o, s)
	if err != nil {
		return nil, err
	}
	isKnown := false
	if !failing.GTID.IsZero() {
		if r.Applied, err = s.status.Applied(); err != nil {
			return nil, err
		}
		isKnown = r.Applied.UpTo != nil || s.status.ExecutedGTID != ""
	}
	if !isKnown && !inOrder {
		r.Notes = append(r.Notes, "no look ahead: the status does not show which of the transactions after the failing one are applied already, and several "+
			"appliers may not keep the commit order; only the failing one is planned")
		return r, nil
	}
	if id := failing.GTID; !isKnown && id.Flavor == gtid.MariaDB && !strings.EqualFold(s.status.UsingGTID, "No") {
		r.Domain = &id.Domain
	}
	r.Ahead = o.Ahead
	if isKnown {
		r.From = p.applierAt(s.failure.Relay)
	}
	return r, nil
}

// appliesInOrder reports whether the replica applies transactions in log order, as far as that is known. Of several workers, a pasted
// status may have no rows: MySQL 5.6 has none. Then their message tells of them.
func appliesInOrder(ctx context.Context, o *Options, s stopped) (bool, error) {
	if o.Replica != nil {
		return o.Replica.AppliesInOrder(ctx)
	}
	workers := len(s.status.Workers)
	isOfWorker := s.failure != nil && s.failure.Cause.Worker
	return s.status.Flavor == decoder.MariaDB || workers == 1 || workers == 0 && !isOfWorker, nil
}

// isUnordered reports whether a MySQL replica's workers may have applied transactions after the failing one, which has no GTID.
func isUnordered(ctx context.Context, o *Options, s stopped, id string) (bool, error) {
	if s.status == nil || s.status.Flavor != decoder.MySQL || s.failure.Thread != replica.Applier || id != "" {
		return false, nil
	}
	inOrder, err := appliesInOrder(ctx, o, s)
	return !inOrder, err
}

// applierAt is where the applier is in the logs: at the failing transaction or before it.
func (p *Place) applierAt(relay replica.Place) decoder.Position {
	failing := p.Transaction.Start
	if p.Fetched != "" {
		return decoder.Position{File: p.Logs.Names[0]} // fetched logs begin where the applier is
	}
	i, at := p.Logs.Index(relay.File), p.Logs.Index(failing.File)
	if relay.File == "" || i < 0 || i > at || i == at && int64(relay.Pos) > failing.Offset {
		return failing
	}
	return decoder.Position{File: p.Logs.Names[i], Offset: int64(relay.Pos)}
}

// isUncertain reports whether a transaction may be applied already: appliers that go by GTID apply domains side by side.
func (r *Range) isUncertain(t txn.Transaction) bool {
	return r.Domain != nil && t.GTID.Domain != *r.Domain
}

// skips reports whether a transaction is left out because the replica has applied it or never receives it.
func (r *Range) skips(t txn.Transaction) bool {
	if t.Start == r.Failing {
		return false
	}
	return r.Applied.Has(t.GTID) || r.Filters != nil && !r.Filters.Receives(t.ServerID, t.GTID)
}
