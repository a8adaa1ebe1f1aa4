package walk

import (
	"fmt"
	"io"
	"path/filepath"

	"binmend/decoder"
	"binmend/decoder/fault"
)

// An offset at which a range begins or ends has to be that of an event: one of another log, such as the source's in a relay log, seldom is. A file is looked
// at before it is read (Range.Check, syncPoint), standard input while it is.

// edges remember the last event, for the offsets of a range on standard input.
type edges struct {
	kind       decoder.EventType
	begin, end int64
	tell       func(error) // that the range does not end where it is to, which is no error
}

// holds reports whether an offset is inside the last event.
func (g *edges) holds(offset int64) bool { return g.begin < offset && offset < g.end }

func (g *edges) inside(offset int64) error { return inside(StdinLog, offset, g.kind, g.begin, g.end) }

// checkEdges looks at an event, or at the error in its place, before the walk does.
func (w *Walk) checkEdges(e *decoder.Event, err error) error {
	g := w.edges
	switch {
	case err == io.EOF && !w.begun && g.end < w.from.Offset:
		return afterEnd(StdinLog, w.from.Offset, g.end)
	case err == io.EOF && !w.past && g.end < w.stop.Offset:
		g.tell(afterEnd(StdinLog, w.stop.Offset, g.end))
	case err != nil:
		return err
	case !w.begun && e.Pos.Offset >= w.from.Offset && g.holds(w.from.Offset):
		return g.inside(w.from.Offset)
	case !w.past && w.isStop(e.Pos) && g.holds(w.stop.Offset):
		g.tell(g.inside(w.stop.Offset))
	}
	if err == nil {
		g.kind, g.begin, g.end = e.Type, e.Pos.Offset, e.End()
	}
	return err
}

func inside(file string, offset int64, kind decoder.EventType, begin, end int64) error {
	name := filepath.Base(file)
	if file == StdinLog {
		name = Stdin
	}
	return &fault.Error{Reason: ErrInside, Facts: fault.Facts{Begin: begin, End: end, Name: name},
		What: fmt.Sprintf("%s: no event begins at offset %d: it is inside the %s event from %d to %d", file, offset, kind, begin, end)}
}

func afterEnd(file string, offset, size int64) error {
	return &fault.Error{Reason: ErrAfterEnd, What: fmt.Sprintf("%s: offset %d is after the end of the log, which has %d bytes", file, offset, size)}
}
