package app

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"binmend/cmd/arguments"
	"binmend/decoder/filter"
	"binmend/decoder/find"
	"binmend/decoder/gtid"
	"binmend/decoder/walk"
	"binmend/emit/list"
	"binmend/schema/changes"
	"binmend/schema/where"
)

func (r *session) findCommand() *cli.Command {
	var f findFlags
	return &cli.Command{
		Name:      "find",
		Usage:     "find a GTID, a time, a statement or a row in many logs",
		ArgsUsage: "--gtid G | --time T | --query TEXT | --table DB.TABLE --key 'id=42' [flags] LOG...",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "gtid", Action: given(&f.gtid), Usage: "find the transaction `GTID`"},
			&cli.StringFlag{Name: "time", Action: given(&f.time), Usage: "find the first transaction at `TIME` or later"},
			&cli.StringFlag{Name: "query", Action: given(&f.query), Usage: "find transactions with `TEXT` in a statement"},
			&cli.StringFlag{Name: "key", Action: given(&f.key), Usage: "find the changes of the row with `CONDITION` in the one --table: 'id=42'"},
			&cli.StringSliceFlag{Name: "source-id", Destination: &f.sourceIDs, Usage: "the source is server `N`; may be repeated"},
			&cli.StringSliceFlag{Name: "source-uuid", Destination: &f.sourceUUIDs, Usage: "the source has the server_uuid `UUID`; may be repeated"},
			jsonFlag(&f.json, "print JSON, one object a line"),
			colorFlag(&f.color),
		}, f.fromLogFlags(&f.connectionFlags), f.schemaFlags.flags(), f.positionFlags(), f.filterFlags.flags(), f.openFlags.flags(), f.connectionFlags.flags()),
		Action: action(func() error { return r.find(&f) }),
	}
}

// findFlags are the flags of find.
type findFlags struct {
	changeFlags
	gtid, time, query, key *string
	json                   bool
	color                  string

	sourceIDs, sourceUUIDs cli.StringSlice
}

func (r *session) find(f *findFlags) error {
	search, err := r.searchOf(f)
	if err != nil {
		return err
	}
	finder := &list.Finder{Printer: list.Text(r.out, list.NewPaint(r.UseColor(f.color)))}
	if f.json {
		finder.Printer = list.JSON(r.jsonOut())
	}
	switch err = search(f, finder); {
	case errors.Is(err, find.ErrNotFound):
		return finding{err}
	case err == nil && finder.Unreadable:
		return errReported
	}
	return err
}

// searchOf is what the command line asks for.
func (r *session) searchOf(f *findFlags) (search func(*findFlags, *list.Finder) error, err error) {
	var asked []string
	for _, s := range []struct {
		flag  string
		value *string
		find  func(*findFlags, *list.Finder) error
	}{{"--gtid", f.gtid, r.findGTID}, {"--key", f.key, r.findRow}, {"--query", f.query, r.findQuery}, {"--time", f.time, r.findTime}} {
		if s.value != nil {
			asked, search = append(asked, s.flag), s.find
		}
	}
	switch {
	case len(asked) == 0:
		return nil, &usageError{text: "what is to be found?", hint: "give --gtid, --time, --query, or --table with --key"}
	case len(asked) > 1:
		return nil, &usageError{text: strings.Join(asked, " and ") + " together", hint: "ask for one at a time"}
	case f.key == nil && (f.schemaFlags.given() || f.when != nil):
		return nil, &usageError{text: "--schema with " + asked[0] + ": it is for --key, which reads rows"}
	case f.key == nil && f.fromLog == nil && f.connects():
		return nil, &usageError{text: "a connection with " + asked[0] + ": it is for --key, which reads rows, and for --from-log"}
	}
	return search, nil
}

// lookIn makes a finder look in the logs of a range.
func (f *findFlags) lookIn(finder *list.Finder, lr walk.Range) error {
	var reader arguments.Values
	sources := list.Sources{Servers: reader.Numbers("source-id", f.sourceIDs.Value()),
		UUIDs: arguments.ParseAll(&reader, "source-uuid", f.sourceUUIDs.Value(), gtid.ParseUUID)}
	finder.Range, finder.Judge = lr, list.NewJudge(lr.Logs, sources)
	return asUsage(reader.Err)
}

// lookThrough makes a finder look through the logs of the command line, in their order.
func (r *session) lookThrough(f *findFlags, finder *list.Finder) (walk.Range, error) {
	lr, err := r.orderedRange(&f.logFlags)
	if err == nil {
		err = f.lookIn(finder, lr)
	}
	return lr, err
}

// lookHereAndThere is lookIn for a search that jumps in the logs. It can't read standard input, and has nothing to filter.
func (r *session) lookHereAndThere(f *findFlags, finder *list.Finder, search string) error {
	if f.follow {
		return &usageError{text: search + " does not go with --follow: it looks into logs here and there"}
	}
	lr, err := r.rangeOf(&f.logFlags)
	if err != nil {
		return err
	}
	lr.Logs = lr.ByName()
	if err := f.lookIn(finder, lr); err != nil {
		return err
	}
	if lr.HasStdin() {
		return &usageError{text: search + " looks into logs here and there, so not into standard input", hint: "save it to a file first"}
	}
	wanted, err := f.filter()
	if err == nil && (!wanted.IsZero() || f.givesOffsets()) {
		err = &usageError{text: "filters and positions do not go with " + search}
	}
	return err
}

func (r *session) findGTID(f *findFlags, finder *list.Finder) error {
	if err := r.lookHereAndThere(f, finder, "--gtid"); err != nil {
		return err
	}
	id, err := readGTID(*f.gtid)
	if err != nil {
		return err
	}
	return finder.GTID(id)
}

func (r *session) findTime(f *findFlags, finder *list.Finder) error {
	if err := r.lookHereAndThere(f, finder, "--time"); err != nil {
		return err
	}
	at, err := filter.ParseTime(*f.time)
	if err != nil {
		return &usageError{text: "--time: " + err.Error()}
	}
	return finder.Time(at)
}

func (r *session) findQuery(f *findFlags, finder *list.Finder) error {
	lr, err := r.lookThrough(f, finder)
	if err != nil {
		return err
	}
	wanted, err := filterOf(&f.filterFlags, lr)
	if err != nil {
		return err
	}
	seen, err := finder.Query(r.ctx, *f.query, wanted)
	r.note(seen.Unmatched(flagOf)...)
	if err == nil && finder.Wordless > 0 {
		r.note(count(finder.Wordless, "transaction") + " with rows only: the statements that changed them are not in the log (binlog_rows_query_log_events of MySQL, " +
			"binlog_annotate_row_events of MariaDB write them); --table DB.TABLE --key 'id=42' finds the changes of a row")
	}
	if err == nil && finder.Shown == 0 {
		err = finding{fmt.Errorf("no statement with %q; %s", *f.query, seen.String())}
	}
	return err
}

// findRow prints the history of a row.
func (r *session) findRow(f *findFlags, finder *list.Finder) error {
	tables := f.tables.Value()
	if len(tables) != 1 || strings.ContainsAny(tables[0], "*?") || !strings.Contains(tables[0], ".") {
		return &usageError{text: "--key needs one --table", hint: "for example --table shop.orders --key id=42"}
	}
	condition, err := where.Parse(*f.key)
	if err != nil {
		return &usageError{text: "--key: " + err.Error(), hint: "for example --key id=42, or --key 'shop=3 and number=42'"}
	}
	lr, err := r.lookThrough(f, finder)
	if err != nil {
		return err
	}
	s, done, err := r.changesOf(&f.changeFlags, lr, changes.OpenLasting)
	if err != nil {
		return err
	}
	defer done()
	fits, err := finder.Row(r.ctx, s, condition)
	r.noteRemarks(s)
	r.noteUnlogged(s)
	switch {
	case err != nil || finder.Shown > 0:
		return doubtful(s, err)
	case !fits:
		return finding{fmt.Errorf("%s has no such column as in %s", tables[0], condition)}
	}
	return finding{fmt.Errorf("no change of a row of %s with %s; %s", tables[0], condition, s.Account().Describe(flagOf))}
}
