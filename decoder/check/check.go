// Package check reports whether logs are whole: in go log files in order, out comes a Report for each, with every finding
// at its offset and the offset up to which the log can be read safely. It verifies checksums, lengths, positions, the
// completeness of transactions, and that files follow each other. Values are decoded only where no checksum protects
// them. It repairs nothing.
package check

import (
	"errors"
	"fmt"
	"io"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/logfile"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
)

// Severity says how bad a finding is.
type Severity uint8

const (
	Note   Severity = iota // worth knowing; the log is whole
	Gap                    // something is missing between this file and the one before
	Damage                 // the log can't be read or can't be trusted here
)

func (s Severity) String() string { return [...]string{"note", "gap", "damage"}[s] }

// Finding is one thing that a server would not have written so.
type Finding struct {
	Severity Severity
	fault.Error
}

// The reasons of findings, besides those of the decoder and of decoder/logfile. Notes have none.
var (
	ErrOrder       = fault.NewReason("not the next file")
	ErrMissingFile = fault.NewReason("a file is missing")
	ErrJoined      = fault.NewReason("bytes are missing or were added")
	ErrUnfinished  = fault.NewReason("the end of a transaction is missing")
)

// Report says what one file is like.
type Report struct {
	File         string
	Size         int64           // -1 when it is unknown
	Format       *decoder.Format // the first one; nil when there is none
	Events       int             // whole events that could be read
	Transactions int             // whole transactions that could be read
	Safe         int64           // --stop-position: after the last whole transaction before the first damage
	Skipped      int64           // bytes skipped after damage
	Findings     []Finding       // in order of offset, the first maxFindings
	More         int             // findings beyond those
	First, Last  uint32          // timestamps of the first and last transaction, seconds since 1970

	worst Severity
}

// maxFindings bounds the findings kept per file: after missing bytes, every event is one.
const maxFindings = 100

// Worst is the severity of the worst finding; Note when there are none.
func (r *Report) Worst() Severity { return r.worst }

// Checker checks files one after the other, and remembers how the next one has to begin.
type Checker struct {
	Opener logfile.Opener
	Resync bool // go on after damage at the next event with a valid checksum
	Alone  bool // only one file is checked: what comes before and after it is not remembered

	before *logfile.File // the last one; nil before the first
	walk   *walk.Walk    // through all files; nil before the first
	chain  chain
}

// File checks the next file. The error is that of opening it, or of a key that is missing; a damaged file is a Report.
func (c *Checker) File(name string) (*Report, error) {
	f, err := c.Opener.OpenAfter(c.before, name)
	var damaged *fault.Error
	if errors.As(err, &damaged) && !errors.Is(err, decoder.ErrEncrypted) && !errors.Is(err, logfile.ErrNotOpened) {
		report := &Report{File: name}
		report.addFinding(Damage, *damaged)
		return report, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	c.before = f
	if c.walk == nil {
		c.walk = walk.Through(f)
	} else {
		c.walk.Continue(f)
	}
	p := &pass{Checker: c, file: f, Report: &Report{File: name, Size: f.Size()}}
	p.Safe = f.Offset()
	c.chain.begin()
	return p.Report, p.run()
}

func (r *Report) addFinding(s Severity, e fault.Error) {
	r.worst = max(r.worst, s)
	if len(r.Findings) == maxFindings {
		r.More++
		return
	}
	r.Findings = append(r.Findings, Finding{s, e})
}

// pass is the reading of one file.
type pass struct {
	*Checker
	*Report
	file    *logfile.File
	relay   bool
	source  uint32 // in a relay log: where the current transaction's last event ends in the source's log; 0 for none
	damaged bool
	closed  bool // the last event says that the file ends
}

func (p *pass) run() error {
	for {
		e, step, err := p.walk.Next()
		if err == nil {
			err = p.event(e, step)
		}
		if err != nil {
			err = p.goOn(err)
		}
		switch {
		case err == io.EOF:
			p.finish()
			return nil
		case err != nil:
			return err
		}
	}
}

// event checks one event whose checksum is right.
func (p *pass) event(e *decoder.Event, step txn.Step) error {
	if p.Format == nil {
		p.Format = e.Format
	}
	if e.Inner == 0 {
		p.Events++
		p.relay = p.relay || e.RelayLog || e.Type == decoder.EventFormatDescription && p.closed && !e.Format.Server.AtLeast(5, 5, 0)
		p.checkEnd(e)
		p.closed = e.Type == decoder.EventRotate || e.Type == decoder.EventStop
		p.checkPosition(e, step)
		p.checkSource(e, step)
	}
	if e.IsUnknown() {
		p.addFinding(Note, fault.Error{Pos: e.Pos, What: fmt.Sprintf("%s, which no known server writes: what it holds is not looked at", e.Type)})
	}
	if e.Format.Checksum == decoder.ChecksumNone {
		if err := readRows(e); err != nil {
			return err
		}
	}
	if err := p.chain.event(p, e); err != nil {
		return err
	}
	p.transaction(step)
	return nil
}

// transaction counts transactions and notes where they end.
func (p *pass) transaction(step txn.Step) {
	if step.Begins() {
		t := p.walk.Transaction()
		if p.First == 0 {
			p.First = t.Time
		}
		p.Last = t.Time
		if !p.Alone {
			p.chain.transaction(t.GTID)
		}
	}
	if !step.Ends() {
		return
	}
	p.Transactions++
	if !p.damaged {
		p.Safe = p.walk.Transaction().End.Offset
	}
}

// checkPosition compares the end_log_pos of a binary log's event with its real place. In a relay log, end_log_pos is the
// source's. A relay log of a server before 5.5 has no flag that says what it is: there a source's format description after a
// Rotate event shows it. Before 5.1.18 the events of a transaction count from its beginning.
func (p *pass) checkPosition(e *decoder.Event, step txn.Step) {
	if p.relay || e.EndLogPos == 0 || e.Flags&decoder.FlagArtificial != 0 || uint32(e.End()) == e.EndLogPos {
		return
	}
	if (step == txn.Inside || step == txn.Last) && (!e.Format.Server.AtLeast(5, 1, 18) || e.Format.IsAlpha()) {
		return
	}
	p.addFinding(Damage, fault.Error{Reason: ErrJoined, Pos: e.Pos, Event: e.Type.String(),
		What: fmt.Sprintf("it ends at %d, its header says %d", e.End(), e.EndLogPos)})
}

// checkEnd finds events after the one that ends a binary log. In a relay log, that event is the source's.
func (p *pass) checkEnd(e *decoder.Event) {
	if p.closed && !p.relay && e.Flags&decoder.FlagArtificial == 0 {
		p.addFinding(Damage, fault.Error{Reason: ErrJoined, Pos: e.Pos, Event: e.Type.String(), What: "it stands behind the event that says that the file ends"})
	}
}

// checkSource checks the source positions in a relay log: within a transaction they ascend. A source may leave out events,
// and after a Rotate event it may send a transaction again.
func (p *pass) checkSource(e *decoder.Event, step txn.Step) {
	last := p.source
	if p.source = e.EndLogPos; !p.relay || step != txn.Inside && step != txn.Last {
		return
	}
	if e.EndLogPos == 0 || last == 0 || e.Flags&decoder.FlagRelayLog != 0 || int32(e.EndLogPos-last) > 0 { // they wrap at 4 GiB
		return
	}
	p.damaged = true
	p.addFinding(Damage, fault.Error{Reason: ErrJoined, Pos: e.Pos, Event: e.Type.String(),
		What: fmt.Sprintf("it ends at %d in the source's log, the event before it at %d", e.EndLogPos, last)})
}

// readRows reads the rows of an event, to find damage inside it.
func readRows(e *decoder.Event) error {
	if !e.IsRows() {
		return nil
	}
	re, err := e.Rows()
	if err != nil || re.Map.IsOpen() {
		return err
	}
	for {
		if _, err := re.Next(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// goOn handles an error. It notes damage and, with Resync, goes on after it. It returns io.EOF when reading ends here, and an
// error that is not damage as it is.
func (p *pass) goOn(err error) error {
	var e *fault.Error
	if !errors.As(err, &e) || errors.Is(err, decoder.ErrEncrypted) {
		return err
	}
	p.addFinding(Damage, *e)
	p.damaged = true
	if !p.Resync {
		return io.EOF
	}
	next, err := p.walk.Resync(e.Pos)
	if errors.Is(err, decoder.ErrNoProof) {
		return io.EOF
	}
	if err != nil {
		return err
	}
	p.Skipped += next - e.Pos.Offset
	return nil
}

// finish checks how the file ends.
func (p *pass) finish() {
	if p.Format == nil {
		if len(p.Findings) == 0 {
			p.addFinding(Damage, fault.Error{Reason: logfile.ErrEmpty, What: "no event after the magic number",
				Pos: decoder.Position{File: p.Report.File, Offset: p.file.Offset()}})
		}
		return
	}
	if p.damaged {
		p.walk.Lose()
		return
	}
	end := decoder.Position{File: p.Report.File, Offset: p.file.Offset()}
	if p.walk.Open() && !p.relay {
		t := p.walk.Transaction()
		p.addFinding(Damage, fault.Error{Reason: ErrUnfinished, Pos: t.Start,
			What: fmt.Sprintf("the transaction that begins here is not complete at the end of the file, %d", end.Offset)})
		p.walk.Abandon()
	}
	if p.walk.Open() {
		p.addFinding(Note, fault.Error{Pos: p.walk.Transaction().Start, What: "the transaction that begins here goes on in the next relay log"})
	}
	if p.Format.InUse && !p.closed {
		p.addFinding(Note, fault.Error{Pos: end, What: "the server had the file open, or it crashed: the end is the last that was written by then"})
	}
}
