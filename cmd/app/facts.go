package app

import (
	"path/filepath"
	"time"

	"binmend/decoder"
	"binmend/decoder/gtid"
	"binmend/decoder/txn"
	"binmend/emit/control"
	"binmend/emit/script"
)

// replica is what the status and the log tell of the replica and of its failing transaction, the first of the target.
func (t *target) replica(v decoder.Version) control.Input {
	in := control.Input{Version: v}
	if g := t.first.GTID; !g.IsZero() && (g.Flavor == gtid.MariaDB) == (v.Flavor == decoder.MariaDB) {
		in.GTID = g.String()
	}
	if s := t.status; s != nil {
		in.Channel, in.Channels, in.UsesGTID = s.Channel, s.Channels, s.UsesGTID()
		in.SlavePos, in.Workers = s.GTIDSlavePos, len(s.Workers)
		in.Errno, in.Message = t.failure.Number, t.failure.Message
	}
	if file := t.sourceFile(); file != "" && t.first.SourceEnd != 0 {
		in.Failing = control.Coordinates{File: file, Pos: t.sourcePos()}
		in.Next = control.Coordinates{File: file, Pos: in.Failing.Pos + uint64(t.first.SourceEnd-t.first.SourceStart)}
	}
	in.Split = t.fetched != "" || t.first.Start.File != t.first.End.File
	return in
}

// sourcePos is where the failing transaction begins in the source's log. The log has it modulo 4 GiB, the status whole.
func (t *target) sourcePos() uint64 {
	start := t.first.SourceStart
	if f := t.failure; f != nil && uint32(f.Exec.Pos) == start {
		return f.Exec.Pos
	}
	return uint64(start)
}

// sourceFile is the source's log that the failing transaction stands in: as the logs tell, or else as the status does.
func (t *target) sourceFile() string {
	f := t.failure
	switch {
	case t.first.SourceFile != "":
		return filepath.Base(t.first.SourceFile)
	case f == nil:
		return ""
	case f.Event.File != "":
		return f.Event.File
	case uint32(f.Exec.Pos) == t.first.SourceStart:
		return f.Exec.File
	}
	return ""
}

func (t *target) facts(transactions []txn.Transaction) script.Facts {
	first, last := transactions[0], transactions[len(transactions)-1]
	f := script.Facts{
		Files: t.logNames(), Begin: short(first.Start), End: short(last.End), Transactions: len(transactions),
		WriterID: first.ServerID, Widened: t.widened(first.Start, last.End), Notes: t.notes,
	}
	if first.Time != 0 {
		f.Time = time.Unix(int64(first.Time), 0)
	}
	for _, x := range transactions {
		if !x.GTID.IsZero() {
			f.GTIDs = append(f.GTIDs, x.GTID.String())
		}
	}
	return f
}

// widened says whether whole transactions reach beyond the positions that were asked for.
func (t *target) widened(begin, end decoder.Position) bool {
	return t.start != 0 && begin.Offset != t.start || t.stop.File != "" && end != t.stop
}
