package walk

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/logfile"
)

// Range is a run of events of logs, in the order given: Logs.Order sorts them.
type Range struct {
	Logs
	Start int64 // offset of its first event in the first log; 0 for the beginning
	Stop  int64 // offset in the last log that ends it, not included; 0 for the end

	Several bool   // the logs are of more than one server, see Order
	Doubt   string // why they may be, see Order
	Copy    string // two of them are one log, see Order

	Note func(string) // is told that the range can't end where it is to; may be nil

	// Skipped makes the walk go on after damage, at the next event with a valid checksum. It is called with what was skipped. A
	// damaged transaction has no end, or no beginning. nil: damage is an error.
	Skipped func(Skip)

	Feed *Feed // makes the walks of Events and Transactions wait for more at the end of the logs; may be nil
}

// Feed gives what comes of the logs of a range while they are read.
type Feed struct {
	Wait func() (names []string, err error) // waits until there is more; names are those of logs that begin in it. io.EOF ends
	Stop func()                             // makes Wait end

	grown []func(Range) error
}

// OnMore has a function called with what has come, before it is read. It begins and ends between transactions.
func (f *Feed) OnMore(do func(Range) error) {
	if f != nil {
		f.grown = append(f.grown, do)
	}
}

// follow makes a walk through a range wait for more.
func (f *Feed) follow(r Range, files *logfile.Files) {
	if f == nil {
		return
	}
	last := r.last()
	r.Feed, r.Stop, r.Skipped = nil, 0, nil
	files.Follow(func() ([]string, error) {
		r.Names, r.Start = []string{last}, r.Opener.End(last)
		names, err := f.Wait()
		if err != nil {
			return nil, err
		}
		if r.Names = append(r.Names, names...); r.Opener.End(last) == r.Start {
			r.Names, r.Start = names, 0
		}
		for _, do := range f.grown {
			if err := do(r); err != nil {
				return nil, err
			}
		}
		last = r.last()
		return names, nil
	})
}

// Events opens the events of the range and no others. The first may be inside a transaction: what precedes it there is read, but
// not returned.
func (r Range) Events() (*Walk, error) {
	w, err := r.open()
	if err != nil {
		return nil, err
	}
	w.exact = true
	if r.Start != 0 {
		w.from, w.begun, w.skips = decoder.Position{File: r.first(), Offset: r.Start}, false, false
	}
	return w, nil
}

// Transactions opens the transactions that begin in the range or reach into it, whole, and what stands between them. Standard
// input can't be read backwards: there it begins with the first transaction that begins in the range. A range from the beginning
// is read as it is: a relay log may begin inside a transaction.
func (r Range) Transactions() (*Walk, error) { return r.open() }

func (r Range) open() (w *Walk, err error) {
	switch {
	case len(r.Names) == 0:
		return nil, errNoLog
	case len(r.Names) == 1 && r.Names[0] == Stdin:
		w, err = r.openStdin()
	case r.Start == 0:
		w = newWalk(r.Opener.OpenFiles(r.Names...))
	default:
		w, err = r.From(decoder.Position{File: r.Names[0], Offset: r.Start})
	}
	if err != nil {
		return nil, err
	}
	w.skipped = r.Skipped
	if files, ok := w.src.(*logfile.Files); ok {
		r.Feed.follow(r, files)
	}
	if r.Stop != 0 {
		w.stop = decoder.Position{File: r.last(), Offset: r.Stop}
	}
	return w, nil
}

// Check makes sure that all logs are there, before anything of the first is printed, and that the range can end where it is to.
func (r Range) Check() error {
	for _, name := range r.Names {
		if _, err := os.Stat(name); (name != Stdin || len(r.Names) > 1) && errors.Is(err, fs.ErrNotExist) {
			f, err := r.Opener.Open(name) // which has a folder for names, and says what is wrong
			if err != nil {
				return err
			}
			f.Close()
		}
	}
	return r.checkStop()
}

// checkStop notes that the last log does not reach up to where the range ends, or that no event begins there: a position of another log, such as the source's
// in a relay log, seldom fits. Damage before it is for the walk to find, and so is all that is wrong with standard input.
func (r Range) checkStop() error {
	if r.Stop == 0 || r.HasStdin() {
		return nil
	}
	last := len(r.Names) - 1
	f, err := r.Opener.Open(r.Names[last])
	if err != nil {
		return err
	}
	size := f.Size()
	if f.Close(); size == r.Stop {
		return nil
	}
	if _, err = r.syncPoint(last, r.Stop); errors.Is(err, ErrAfterEnd) || errors.Is(err, ErrInside) {
		r.tell(err)
	}
	return nil
}

func (r Range) tell(err error) {
	if r.Note != nil {
		r.Note(err.Error())
	}
}

func (r Range) openStdin() (*Walk, error) {
	in := r.Input
	if in == nil {
		in = eof{}
	}
	src, err := r.Opener.NewReader(in, StdinLog)
	if err != nil {
		return nil, err
	}
	w := newWalk(src)
	if r.Start != 0 || r.Stop != 0 {
		w.edges = &edges{tell: r.tell}
	}
	if r.Start != 0 {
		w.from, w.begun, w.skips = decoder.Position{File: StdinLog, Offset: r.Start}, false, true
	}
	return w, nil
}

type eof struct{}

func (eof) Read([]byte) (int, error) { return 0, io.EOF }

// Shapes opens the logs of the range from their beginning for the statements logged in them and the table maps of rows: other events are
// skipped unverified.
func (r Range) Shapes() (*Walk, error) {
	return r.only(func(t decoder.EventType) bool { return t == decoder.EventTableMap || holdsStatements(t) })
}

// Executed is Shapes with the GTIDs of transactions in place of the table maps.
func (r Range) Executed() (*Walk, error) {
	return r.only(func(t decoder.EventType) bool { return t.IsGtid() || holdsStatements(t) })
}

// only opens the logs of the range from their beginning for the events of some types.
func (r Range) only(wanted func(decoder.EventType) bool) (*Walk, error) {
	r.Start, r.Stop, r.Skipped, r.Feed = 0, 0, nil, nil
	w, err := r.open()
	if err == nil {
		w.Only(wanted)
		w.reader.OnlyInside(wanted)
	}
	return w, err
}

// Queries calls yield for each Query event of the logs of the range, from their beginning, until yield says that it has seen enough.
// Other events are skipped unverified, and no transaction is followed: it is the fastest way to read statements. damage is what ended it before
// the end of the logs: the walk that reads the rows meets it too.
func (r Range) Queries(yield func(*decoder.Event) (more bool, err error)) (damage *fault.Error, err error) {
	w, err := r.only(holdsStatements)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	for more := true; more && err == nil; {
		var e *decoder.Event
		if e, err = w.reader.Next(); err == nil && (e.Type == decoder.EventQuery || e.Type == decoder.EventMariaQueryCompressed) {
			more, err = yield(e)
		}
	}
	if err == io.EOF || errors.As(err, &damage) {
		return damage, nil
	}
	return nil, err
}

func holdsStatements(t decoder.EventType) bool {
	switch t {
	case decoder.EventQuery, decoder.EventMariaQueryCompressed, decoder.EventTransactionPayload:
		return true
	}
	return logfile.IsPrologue(t)
}

// Frames opens the transactions of the range without their rows: only events that begin, divide or end a transaction are read;
// others are skipped unverified.
func (r Range) Frames() (*Walk, error) {
	r.Feed = nil
	w, err := r.Transactions()
	if err == nil {
		w.Only(framesTransaction)
	}
	return w, err
}

// framesTransaction reports whether an event of the type may begin, divide or end a transaction.
func framesTransaction(t decoder.EventType) bool {
	switch t {
	case decoder.EventGtid, decoder.EventGtidTagged, decoder.EventAnonymousGtid, decoder.EventMariaGtid, decoder.EventQuery,
		decoder.EventMariaQueryCompressed, decoder.EventXid, decoder.EventXAPrepare, decoder.EventTransactionPayload:
		return true
	}
	return logfile.IsPrologue(t)
}

// Through walks through an open log. Continue goes on with the next.
func Through(f *logfile.File) *Walk { return newWalk(f) }

// Continue goes on with the next log, which continues a transaction that is still open.
func (w *Walk) Continue(f *logfile.File) { w.src, w.reader = f, decoder.NewReader(f) }

// newWalk walks through all events of a source.
func newWalk(src source) *Walk {
	return &Walk{src: src, reader: decoder.NewReader(src), begun: true}
}

// first and last are the names of the first and the last log as positions have them.
func (r Range) first() string { return nameInPositions(r.Names[0]) }
func (r Range) last() string  { return nameInPositions(r.Names[len(r.Names)-1]) }

func nameInPositions(name string) string {
	if name == Stdin {
		return StdinLog
	}
	return name
}
