package app

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/urfave/cli/v2"

	"binmend/cmd/terminal"
	"binmend/decoder"
	"binmend/decoder/crypt"
	"binmend/decoder/fetch"
	"binmend/decoder/logfile"
	"binmend/decoder/walk"
)

// openFlags say how logs are opened. The keys of encrypted ones come from files: a command line is for everybody to see.
type openFlags struct {
	keyrings             cli.StringSlice
	keyFile, keyPassword string
	maxInflated          uint64
}

func (f *openFlags) flags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "keyring", Destination: &f.keyrings,
			Usage: "`FILE` with keys for MySQL's encrypted logs; may be repeated"},
		&cli.StringFlag{Name: "file-key", Destination: &f.keyFile, Usage: "`FILE` with keys for MariaDB's encrypted logs"},
		bytesFlag("max-inflated", "48M", "let a compressed event grow to `BYTES`", &f.maxInflated),
		&cli.StringFlag{Name: "file-key-password", Destination: &f.keyPassword, Usage: "`FILE` with the password of an encrypted --file-key"},
	}
}

// opener reads the files with keys.
func (r *session) opener(f *openFlags) (o logfile.Opener, err error) {
	o = logfile.Opener{MaxInflated: f.maxInflated, Growing: r.growingNote()}
	for flag, names := range map[string][]string{"keyring": f.keyrings.Value(), "file-key": {f.keyFile}, "file-key-password": {f.keyPassword}} {
		if slices.Contains(names, standardInput) {
			return o, &usageError{text: fmt.Sprintf("--%s reads files only, not standard input", flag)}
		}
	}
	if o.Keyring, err = crypt.ReadKeyrings(f.keyrings.Value()); err != nil {
		return o, err
	}
	switch {
	case f.keyFile != "":
		o.KeyFile, err = crypt.ReadKeyFile(f.keyFile, f.keyPassword)
	case f.keyPassword != "":
		err = &usageError{text: "--file-key-password without --file-key"}
	}
	return o, err
}

// growingNote notes once that the last log is still being written, and where reading ended.
func (r *session) growingNote() func(decoder.Position) {
	var once sync.Once
	return func(pos decoder.Position) {
		once.Do(func() {
			r.noteOn(fmt.Sprintf("%s is read up to %d; it ends inside the event there, as a log does that is being written", pos.File, pos.Offset))
		})
	}
}

// watched returns an opener that reports to the meter and stops reading on Ctrl-C.
func (r *session) watched(o logfile.Opener, names []string) logfile.Opener {
	r.meter.Expect(names)
	o.Reading = func(file string, read int64) error {
		r.meter.Show(file, read)
		return r.ctx.Err()
	}
	return o
}

// logFlags say which part of the logs is read, and how.
type logFlags struct {
	openFlags
	start, stop *int64
	force       bool
	fromLog     *string          // the log of the server to begin with; nil: the logs are those of the command line
	follow      bool             // the server's logs do not end
	source      *connectionFlags // reach the server
}

// fromLogFlags are for commands with a connection.
func (f *logFlags) fromLogFlags(source *connectionFlags) []cli.Flag {
	f.source = source
	return []cli.Flag{
		&cli.StringFlag{Name: "from-log", Action: given(&f.fromLog), Usage: "read the server's own logs, as a replica does, from `LOG` on to their end"},
		&cli.BoolFlag{Name: "follow", Destination: &f.follow, DisableDefaultText: true,
			Usage: "with --from-log: at the end wait for what the server writes, until Ctrl-C"},
	}
}

// positionFlags have mysqlbinlog's names.
func (f *logFlags) positionFlags() []cli.Flag {
	return []cli.Flag{
		&cli.Int64Flag{Name: "start-position", Aliases: []string{"j"}, DefaultText: "beginning", Action: given(&f.start),
			Usage: "begin at offset `N` of the first log"},
		&cli.Int64Flag{Name: "stop-position", DefaultText: "end", Action: given(&f.stop),
			Usage: "stop before offset `N` of the last log"},
	}
}

func forceFlag(force *bool) cli.Flag {
	return &cli.BoolFlag{Name: "force", Destination: force, Usage: "continue after damage", DisableDefaultText: true}
}

// givesOffsets reports whether the range is given by offsets in the logs of the command line.
func (f *logFlags) givesOffsets() bool { return f.start != nil || f.stop != nil }

// rangeOf is the range that the flags name in the logs of the command line.
func (r *session) rangeOf(f *logFlags) (walk.Range, error) {
	lr := walk.Range{Logs: walk.Logs{Names: r.files, Input: terminal.Interruptible(r.ctx, r.In)}, Note: r.noteOn}
	if f.start != nil {
		lr.Start = *f.start
	}
	if f.stop != nil {
		lr.Stop = *f.stop
	}
	if f.force {
		lr.Skipped = r.skipped
	}
	if f.fromLog != nil {
		return r.fetched(f, lr)
	}
	switch {
	case f.follow:
		return lr, &usageError{text: "--follow without --from-log", hint: "files are read up to their end"}
	case len(lr.Names) == 0:
		return lr, errNoLog
	case lr.Start < 0 || f.stop != nil && lr.Stop <= 0:
		return lr, &usageError{text: "a position is never negative, and the range never ends at 0"}
	case len(lr.Names) == 1 && lr.Stop != 0 && lr.Stop <= lr.Start:
		return lr, &usageError{text: fmt.Sprintf("--stop-position=%d is not after --start-position=%d", lr.Stop, lr.Start)}
	}
	opener, err := r.opener(&f.openFlags)
	if err != nil {
		return lr, err
	}
	if lr.Names, err = logfile.List(lr.Names...); err != nil {
		return lr, err
	}
	lr.Opener = r.watched(opener, lr.Names)
	return lr, lr.Check()
}

// fetched copies logs from the server into a temporary folder, and returns them as a range.
func (r *session) fetched(f *logFlags, lr walk.Range) (walk.Range, error) {
	if len(r.files) > 0 {
		return lr, &usageError{text: "--from-log and LOG exclude each other"}
	}
	if err := checkLogName(*f.fromLog); err != nil {
		return lr, err
	}
	options, err := r.connectionOptions(f.source)
	if err != nil {
		return lr, err
	}
	if !options.NamesServer() {
		return lr, &usageError{text: "--from-log: which server?", hint: "give -h HOST or -S SOCKET"}
	}
	dir, err := r.temporary.Lend().Make()
	if err != nil {
		return lr, err
	}
	lr.Opener.MaxInflated, lr.Opener.Growing = f.maxInflated, r.growingNote()
	if f.follow {
		return r.followed(f, lr, options, dir)
	}
	source, err := replicaAt(&options)
	if err != nil {
		return lr, err
	}
	r.meter.Expect(ofUnknownSize)
	logs, err := fetch.All(r.ctx, source, *f.fromLog, dir, r.meter.Show)
	lr.Names, lr.Opener.Dir, lr.Opener.Holes = logs.Names, logs.Opener.Dir, logs.Opener.Holes
	return lr, err
}

// ofUnknownSize are logs of which nothing tells how much is to come.
var ofUnknownSize = []string{""}

// checkLogName refuses a path: logs on a server have names only.
func checkLogName(name string) error {
	if name == "" || strings.ContainsAny(name, `/\`) {
		return &usageError{text: fmt.Sprintf("expected the name of a log on the source, found %q", name), hint: "SHOW BINARY LOGS lists them"}
	}
	return nil
}

var errNoLog = &usageError{text: "no log given", hint: "name the relay logs or binary logs, oldest first"}

// skipped reports on standard error what --force skipped.
func (r *session) skipped(s walk.Skip) {
	r.gaps++
	follows := fmt.Sprintf("reading goes on at %d", s.Next)
	if s.Last {
		follows = "no event follows in this file"
	}
	at := s.Damage.Pos
	fmt.Fprintf(r.Err, "binmend: %s: %s\n%s: passed over %d bytes from %d on; %s\n", r.command.Name, printable(s.Damage.Error()),
		printable(at.File), s.Next-at.Offset, at.Offset, follows)
}

// orderedRange is sortedRange with a note for each missing log.
func (r *session) orderedRange(f *logFlags) (walk.Range, error) {
	lr, breaks, err := r.sortedRange(f)
	for _, b := range breaks {
		r.noteOn(b.String())
	}
	return lr, err
}

// wholeRange is sortedRange where a missing log is an error.
func (r *session) wholeRange(f *logFlags) (walk.Range, error) {
	lr, breaks, err := r.sortedRange(f)
	if err == nil && len(breaks) > 0 {
		err = breaks[0].Err()
	}
	return lr, err
}

// countedRange is wholeRange where one log may be given under several numbers: its rows count each time, which a RISK line says.
func (r *session) countedRange(f *logFlags) (walk.Range, error) {
	lr, breaks, err := r.sortedRange(f)
	if err != nil || len(breaks) == 0 {
		return lr, err
	}
	copies, err := walk.Copies(breaks)
	if err == nil {
		fmt.Fprintf(r.Err, "RISK: by how they end, %s: its rows are there each time, with the same transaction_key\n", printable(copies))
	}
	return lr, err
}

// sortedRange is rangeOf with the logs in the order in which their server wrote them, and the places where logs are missing
// between them. It notes when that is not the order given.
func (r *session) sortedRange(f *logFlags) (walk.Range, []*walk.Break, error) {
	lr, err := r.rangeOf(f)
	if err != nil {
		return lr, nil, err
	}
	order := lr.Order()
	if lr.Several, lr.Doubt, lr.Copy = order.Several, order.Doubt, order.Copy; !order.Reordered {
		return lr, order.Breaks, nil
	}
	names := order.Logs.Names
	first, last := filepath.Base(names[0]), filepath.Base(names[len(names)-1])
	if lr.Start != 0 || lr.Stop != 0 {
		return lr, nil, &usageError{text: "the logs are not in the order in which their server wrote them: which one has the position?",
			hint: fmt.Sprintf("name them oldest first: the first is %s, the last %s", first, last)}
	}
	r.noteOn(fmt.Sprintf("the logs are read in the order in which their server wrote them, not as given: the first is %s, the last %s", first, last))
	lr.Logs = order.Logs
	return lr, order.Breaks, nil
}
