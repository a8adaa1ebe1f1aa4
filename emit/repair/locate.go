package repair

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/find"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
	"binmend/emit/display"
	"binmend/schema/replica"
)

// Place is where the failing transaction is.
type Place struct {
	Logs        walk.Logs        // the logs that were searched, oldest first
	Transaction txn.Transaction  // zero if not looked for (a receiver's error is in no log), or not found
	Asked       int64            // the requested offset; 0 if it was not requested by offset
	Stop        decoder.Position // the requested end of the range; the zero Position: the one transaction
	Fetched     string           // the source from whose log Logs were copied; "" for given logs
	Given       bool             // Logs are from the options
	Gap         *walk.Break      // the missing log that ends Logs; nil for none
	Notes       []string         // for the reviewer
}

// locate finds the failing transaction: by offset, by GTID or by the status, in the given logs, in the replica's relay logs or, if
// these can't be read, in the source's log.
func locate(ctx context.Context, o *Options, s stopped) (*Place, error) {
	p := &Place{Logs: o.Logs, Given: len(o.Logs.Names) > 0}
	switch isAny := o.GTID.IsZero() && o.Start == 0 && o.Stop == 0; {
	case isAny && s.failure != nil && s.failure.Thread == replica.Receiver:
		return p, nil // its error is in no log
	case p.Given && (o.Start != 0 || o.Stop != 0):
		return p, p.byOffset(o)
	case p.Given:
		return p, p.inGivenLogs(ctx, o, s)
	case o.Start != 0 || o.Stop != 0:
		return nil, &fault.Error{Reason: ErrNoLogs, What: "no log given"}
	case o.Replica != nil && s.status != nil:
		err := p.inRelayLogs(ctx, o, s)
		if err == nil || o.Source == nil {
			return p, err
		}
		p.Notes = append(p.Notes, "the transaction was read from the source's log: "+err.Error())
		return p, p.atSource(ctx, o, s)
	case o.Source != nil:
		return p, p.atSource(ctx, o, s)
	}
	return nil, &fault.Error{Reason: ErrNoLogs, What: "no log given"}
}

// byOffset takes the transaction at an offset of the first log, or at its beginning.
func (p *Place) byOffset(o *Options) (err error) {
	names := p.Logs.Names
	p.Asked = o.Start
	if o.Stop != 0 {
		p.Stop = decoder.Position{File: names[len(names)-1], Offset: o.Stop}
	}
	p.Transaction, err = find.At(p.Logs, decoder.Position{File: names[0], Offset: o.Start})
	return err
}

// inGivenLogs searches the logs of the options. If some are missing between them, the place has the run of logs with the transaction.
func (p *Place) inGivenLogs(ctx context.Context, o *Options, s stopped) error {
	order := p.Logs.Order()
	p.Logs = order.Logs
	if err := p.search(ctx, o, s); err != nil {
		return p.orCandidates(ctx, o, s, err)
	}
	at := p.Transaction.Start.File
	if at == "" {
		return nil
	}
	p.Logs, p.Gap = order.Around(at)
	return p.noteOtherLogs(s)
}

// noteOtherLogs adds a note if the relay log that the status names is not among the relay logs with the transaction.
func (p *Place) noteOtherLogs(s stopped) error {
	if s.failure == nil || s.failure.Relay.File == "" || p.Logs.Has(s.failure.Relay.File) {
		return nil
	}
	head, err := p.Logs.ReadHead(p.Transaction.Start.File)
	if err == nil && head.Relay {
		p.Notes = append(p.Notes, fmt.Sprintf("the status names the relay log %s, which is not among those that were read; the transaction was found in %s",
			display.Printable(s.failure.Relay.File), filepath.Base(p.Transaction.Start.File)))
	}
	return err
}

// search looks for the transaction in the logs, also where the position executed is past it.
func (p *Place) search(ctx context.Context, o *Options, s stopped) error {
	err := p.find(o, s)
	if (err == nil || errors.Is(err, find.ErrNotFound)) && p.takeOvertaken(ctx, o, s) {
		return nil
	}
	return err
}

// find looks for the transaction in the logs.
func (p *Place) find(o *Options, s stopped) (err error) {
	switch {
	case !o.GTID.IsZero():
		p.Transaction, err = find.ByGTID(p.Logs, o.GTID, decoder.Position{})
		return err
	case s.failure == nil:
		return whichTransaction
	case s.failure.Thread != replica.Applier:
		return nil
	}
	p.Transaction, err = s.failure.Locate(p.Logs)
	return p.unlessAdvice(s, err)
}

var whichTransaction = &fault.Error{Reason: ErrWhichTransaction, What: "which transaction?"}

// unlessAdvice makes a note of an error in finding the transaction where no row repairs what failed: advice needs no log,
// and it may be the log that is damaged. Logs that are given and do not have the statement or the rows of the error are
// of another replica, channel or time.
func (p *Place) unlessAdvice(s stopped, err error) error {
	if err == nil || s.needsRows() || p.Given && s.isUnlike() && errors.Is(err, find.ErrNotFound) {
		return err
	}
	p.Notes = append(p.Notes, "the transaction was not found: "+err.Error())
	return nil
}

func (p *Place) inRelayLogs(ctx context.Context, o *Options, s stopped) (err error) {
	if p.Logs.Names, err = o.Replica.RelayLogs(s.status, o.RelayLogDir); err != nil {
		return p.unlessAdvice(s, err)
	}
	return p.search(ctx, o, s)
}

// logsOf are the logs from one position to another; all of them if one is not found.
func (p *Place) logsOf(from, to decoder.Position) walk.Logs {
	logs := p.Logs
	if first, last := logs.Index(from.File), logs.Index(to.File); first >= 0 && last >= first {
		logs.Names = logs.Names[first : last+1]
	}
	return logs
}

// names are the logs as a reviewer knows them.
func (p *Place) names(logs walk.Logs) []string {
	if p.Fetched == "" {
		return logs.Names
	}
	var names []string
	for _, name := range logs.Names {
		names = append(names, filepath.Base(name)+" of the source "+p.Fetched)
	}
	return names
}
