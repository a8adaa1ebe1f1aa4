package walk

import (
	"fmt"
	"io"

	"binmend/decoder"
	"binmend/decoder/gtid"
)

// onSource is a place in the source's log, as read from a relay log.
type onSource struct {
	file string // "" when the relay log does not name it
	pos  uint32 // modulo 4 GiB
}

// follow reads an event of a relay log. It reports whether the source sent the event with a place, which is the one after it.
//
//	Rotate events of the source   the name of its log, and the position in it at which what follows begins
//	other events of the source    end_log_pos, the position after them
func (s *onSource) follow(e *decoder.Event) bool {
	switch {
	case e.Flags&decoder.FlagRelayLog != 0, e.Type == decoder.EventFormatDescription, e.Inner != 0:
		return false
	case e.Type == decoder.EventRotate:
		r, err := e.Rotate()
		if err == nil {
			*s = onSource{file: r.File, pos: uint32(r.Position)}
		}
		return err == nil
	case e.EndLogPos == 0 || e.Flags&decoder.FlagArtificial != 0:
		return false
	}
	s.pos = e.EndLogPos
	return true
}

// missingOnSource says which part of the source's log is missing between two relay logs. In the next relay log, a receiver
// continues where it was, or reconnects and names the place. With GTIDs that place is the beginning of a file, and shows
// nothing. MariaDB's positions show nothing either, because it does not send all events, such as Annotate_rows. If a receiver
// ignores events of some servers (IGNORE_SERVER_IDS, its own in a ring), a log may seem to be missing that is not.
func (l Logs) missingOnSource(before, after *member) (missing, why string) {
	if !before.head.Relay || !after.head.Relay || before.head.Format.Server.Flavor == gtid.MariaDB {
		return "", ""
	}
	var end, begin onSource
	if !l.eachEvent(before.name, func(e *decoder.Event) bool { end.follow(e); return true }) || end.pos == 0 {
		return "", ""
	}
	l.eachEvent(after.name, func(e *decoder.Event) bool {
		if !begin.follow(e) {
			return true
		}
		if begin.file == "" {
			begin = onSource{file: end.file, pos: begin.pos - e.Length}
		}
		return false
	})
	if begin.file != end.file || begin.pos <= end.pos {
		return "", ""
	}
	return "a log is", fmt.Sprintf("the earlier one ends at %d of the source's log, the later one begins at %d", end.pos, begin.pos)
}

// eachEvent calls yield for the events of a log until it returns false, without those inside compressed transactions. It reports
// whether all could be read.
func (l Logs) eachEvent(name string, yield func(*decoder.Event) bool) bool {
	l.Names = []string{name}
	w, err := Range{Logs: l}.Transactions()
	if err != nil {
		return false
	}
	defer w.Close()
	for {
		e, err := w.reader.Next()
		if err != nil {
			return err == io.EOF
		}
		if !yield(e) {
			return true
		}
		if e.Type == decoder.EventTransactionPayload {
			w.reader.SkipPayload()
		}
	}
}
