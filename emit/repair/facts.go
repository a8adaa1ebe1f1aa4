package repair

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/gtid"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
	"binmend/emit/control"
	"binmend/emit/plan"
	"binmend/schema"
	"binmend/schema/replica"
)

// Facts are what a reviewer has to know about the log and the schema. Unknown fields are zero.
type Facts struct {
	Files        []string         // the logs that were read, in order
	Source       string           // the server from whose log they were copied; "" for given logs
	Begin, End   decoder.Position // of the range: the first event, and the byte after the last
	Widened      bool             // the requested range was widened to whole transactions
	Transactions int
	GTIDs        []string        // of the transactions that have one
	Time         time.Time       // of the first transaction
	Writer       decoder.Version // the server that wrote the logs, by their format description
	WriterID     uint32          // the server id in the transactions' events
	Schema       []string        // where the definitions of the tables came from
	Unsure       []*schema.Table // the replica may have other columns than these definitions
	Collations   []string        // unique keys that compare by another collation than on the source, each with its table
	Filtered     string          // what the choice of tables has left out; "" without one
	Notes        []string        // anything else that has to be in the header
}

// facts are those of the failing transaction alone.
func (p *Place) facts() Facts {
	t := p.Transaction
	logs := p.Logs
	if !p.Given {
		logs = p.logsOf(t.Start, t.End)
	}
	return p.factsOf([]txn.Transaction{t}, p.names(logs))
}

func (p *Place) factsOf(transactions []txn.Transaction, files []string) Facts {
	first, last := transactions[0], transactions[len(transactions)-1]
	f := Facts{
		Files: files, Begin: short(first.Start), End: short(last.End), Transactions: len(transactions),
		Source: p.Fetched, WriterID: first.ServerID, Notes: p.Notes,
		Widened: p.Asked != 0 && first.Start.Offset != p.Asked || p.Stop.File != "" && last.End != p.Stop,
	}
	if first.Time != 0 {
		f.Time = time.Unix(int64(first.Time), 0)
	}
	for _, t := range transactions {
		if !t.GTID.IsZero() {
			f.GTIDs = append(f.GTIDs, t.GTID.String())
		}
	}
	return f
}

// facts are those of all that was gathered for a plan.
func (g *Gathered) facts(p *Place, r *Range, pl *plan.Plan) Facts {
	logs := p.Logs
	if !p.Given || r.Ahead > 0 {
		logs = p.logsOf(r.From, g.Transactions[len(g.Transactions)-1].End)
	}
	f := p.factsOf(g.Transactions, p.names(logs))
	f.Writer, f.Schema, f.Filtered = g.Writer, sources(pl.Tables), g.Filtered
	f.Unsure, f.Collations = g.Unsure, g.Collations
	f.Widened = f.Widened && g.Ended == ""
	f.Notes = slices.Concat(f.Notes, g.notes(r))
	return f
}

// sources names where the tables came from, each once.
func sources(tables []*schema.Table) []string {
	var out []string
	for _, t := range tables {
		source := t.Source
		if !strings.Contains(source, " at ") { // a statement of the log is named with its place
			source, _, _ = strings.Cut(source, ":")
		}
		if !slices.Contains(out, source) {
			out = append(out, source)
		}
	}
	return out
}

// short is a position without the file's folder: the header of a script names the files in full.
func short(p decoder.Position) decoder.Position {
	if p.File != "" {
		p.File = filepath.Base(p.File)
	}
	return p
}

// commandInput is what the commands have to know about the replica and its failing transaction.
func commandInput(s stopped, p *Place, v decoder.Version) control.Input {
	t := p.Transaction
	in := control.Input{Version: v}
	if !t.GTID.IsZero() && (t.GTID.Flavor == gtid.MariaDB) == (v.Flavor == decoder.MariaDB) {
		in.GTID = t.GTID.String()
	}
	if st := s.status; st != nil {
		in.Channel, in.Channels, in.UsesGTID = st.Channel, st.Channels, st.UsesGTID()
		in.SlavePos, in.Workers = st.GTIDSlavePos, len(st.Workers)
		in.Reading = control.Coordinates(st.Read)
		in.FillingGaps, in.Gaps, in.Delay = st.IsFillingGaps(s.failure), st.HasGaps(s.failure), st.Delay
		in.ReceiverStopped = strings.EqualFold(st.IORunning, "No")
		in.Receiver, in.Errno, in.Message = s.failure.Thread == replica.Receiver, s.failure.Number, s.failure.Message
		// If the transaction can't be read: the applier is at its beginning, unless workers have gone ahead.
		in.Failing = control.Coordinates{File: s.failure.Exec.File, Pos: s.failure.Exec.Pos}
		in.Applied = in.Failing
		if applied, err := st.Applied(); err == nil && applied.Executed != nil && in.GTID != "" {
			in.Executed = applied.Executed.Of(t.GTID.TSID).String()
		}
	}
	if file := s.sourceFile(t); file != "" && t.SourceEnd != 0 {
		in.Failing = control.Coordinates{File: file, Pos: s.sourcePos(t)}
		in.Next = control.Coordinates{File: file, Pos: in.Failing.Pos + uint64(t.SourceEnd-t.SourceStart)}
	}
	in.Split = p.Fetched != "" || t.Start.File != t.End.File
	return in
}

// sourcePos is where the failing transaction begins in the source's log. The log has it modulo 4 GiB, the status in full.
func (s stopped) sourcePos(t txn.Transaction) uint64 {
	if s.failure != nil && uint32(s.failure.Exec.Pos) == t.SourceStart {
		return s.failure.Exec.Pos
	}
	return uint64(t.SourceStart)
}

// sourceFile is the source's log with the failing transaction, according to the logs or else the status.
func (s stopped) sourceFile(t txn.Transaction) string {
	switch {
	case t.SourceFile != "":
		return filepath.Base(t.SourceFile)
	case s.failure == nil:
		return ""
	case s.failure.Event.File != "":
		return s.failure.Event.File
	case uint32(s.failure.Exec.Pos) == t.SourceStart:
		return s.failure.Exec.File
	}
	return ""
}

// replicaVersion is the version of the server that will run the script: the given one, the status's, the connected server's, or
// else that of the server that wrote the first log. A relay log begins with the replica's own.
func replicaVersion(o *Options, s stopped, p *Place) (decoder.Version, error) {
	if o.Version != (decoder.Version{}) {
		return o.Version, nil
	}
	if s.status != nil {
		if v, ok := decoder.ParseVersion(s.status.Version); ok {
			return v, nil
		}
	}
	if o.Replica != nil {
		return o.Replica.Version, nil
	}
	v, relay, err := firstVersion(p.Logs)
	if err != nil {
		return v, err
	}
	if !relay {
		note := "the replica's version is not known: the log is the source's own"
		if o.Names.Version != "" {
			note += "; give " + o.Names.Version + " if the replica has another"
		}
		p.Notes = append(p.Notes, note)
	}
	return v, s.contradicts(v)
}

// firstVersion is the version in the first format description of the logs, and whether it is a relay log's.
func firstVersion(logs walk.Logs) (v decoder.Version, relay bool, err error) {
	if len(logs.Names) == 0 {
		return v, false, &fault.Error{Reason: ErrNoLogs, What: "the replica's version is not known: no log given"}
	}
	head, err := logs.ReadHead(logs.Names[0])
	if err != nil {
		return v, false, err
	}
	return head.Format.Server, head.Relay, nil
}

// contradicts is the error when the status and the log come from different servers.
func (s stopped) contradicts(v decoder.Version) error {
	st := s.status
	switch {
	case st == nil, !st.FlavorKnown:
		return nil
	case st.Flavor != v.Flavor:
		return &fault.Error{Reason: ErrOtherServer, What: fmt.Sprintf("the status is of a %s replica, the log was written by %s %s", st.Flavor, v.Flavor, v.Text)}
	case st.ReplicaWords && !v.AtLeast(8, 0, 22):
		return &fault.Error{Reason: ErrOtherServer, What: fmt.Sprintf("the status is of MySQL 8.0.22 or later, the log was written by %s", v.Text)}
	}
	return nil
}
