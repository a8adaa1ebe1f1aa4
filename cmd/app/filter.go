package app

import (
	"errors"
	"slices"

	"github.com/urfave/cli/v2"

	"binmend/cmd/arguments"
	"binmend/decoder/filter"
	"binmend/decoder/walk"
	"binmend/schema"
	"binmend/schema/where"
)

// filterFlags choose among the events of a range. They are the same on every command that lists what logs hold.
type filterFlags struct {
	databases, tables, excludeTables cli.StringSlice

	start, stop, include, exclude, kinds *string
	serverIDs, threadIDs                 cli.StringSlice
	minRows, minBytes                    uint64
}

// tableFlags choose among tables.
func (f *filterFlags) tableFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "database", Aliases: []string{"d"}, Destination: &f.databases, Usage: "only database `NAME`; may be repeated"},
		&cli.StringSliceFlag{Name: "table", Aliases: []string{"T"}, Destination: &f.tables,
			Usage: "only tables like `DB.TABLE`, with * and ?; may be repeated"},
		&cli.StringSliceFlag{Name: "exclude-table", Destination: &f.excludeTables, Usage: "no tables like `DB.TABLE`; may be repeated"},
	}
}

func (f *filterFlags) flags() []cli.Flag {
	return append(f.tableFlags(), []cli.Flag{
		&cli.StringFlag{Name: "start-datetime", Action: given(&f.start), Usage: "from the first transaction that begins at `TIME` or later"},
		&cli.StringFlag{Name: "stop-datetime", Action: given(&f.stop), Usage: "up to the first transaction that begins at `TIME` or later"},
		&cli.StringFlag{Name: "include-gtids", Action: given(&f.include), Usage: "only the transactions of `SET`"},
		&cli.StringFlag{Name: "exclude-gtids", Action: given(&f.exclude), Usage: "not the transactions of `SET`"},
		&cli.StringSliceFlag{Name: "server-id", Destination: &f.serverIDs, Usage: "only transactions first written on server `N`; may be repeated"},
		&cli.StringSliceFlag{Name: "thread-id", Destination: &f.threadIDs, Usage: "only transactions of thread `N`; may be repeated"},
		&cli.StringFlag{Name: "type", Action: given(&f.kinds), Usage: "only `KINDS` of changes: insert,update,delete,ddl"},
		&cli.Uint64Flag{Name: "min-rows", DefaultText: "any", Destination: &f.minRows, Usage: "only transactions of at least `N` rows"},
		bytesFlag("min-bytes", "any", "only transactions with at least `BYTES` of log: 500000, 64M", &f.minBytes),
	}...)
}

// filter reads the flags. It does not measure the sizes that the filter may need.
func (f *filterFlags) filter() (*filter.Filter, error) {
	var r arguments.Values
	wanted := &filter.Filter{
		NameOf:        schema.NameOf,
		Databases:     slices.Clone(f.databases.Value()),
		Tables:        r.Patterns("table", f.tables.Value()),
		ExcludeTables: r.Patterns("exclude-table", f.excludeTables.Value()),
		Start:         arguments.Parse(&r, "start-datetime", f.start, filter.ParseTime),
		Stop:          arguments.Parse(&r, "stop-datetime", f.stop, filter.ParseTime),
		Include:       arguments.Parse(&r, "include-gtids", f.include, filter.ParseGTIDs),
		Exclude:       arguments.Parse(&r, "exclude-gtids", f.exclude, filter.ParseGTIDs),
		ServerIDs:     r.Numbers("server-id", f.serverIDs.Value()),
		ThreadIDs:     r.Numbers("thread-id", f.threadIDs.Value()),
		Kinds:         arguments.Parse(&r, "type", f.kinds, filter.ParseKinds),
		MinRows:       f.minRows,
		MinBytes:      f.minBytes,
	}
	if wanted.Start != 0 && wanted.Stop != 0 && wanted.Stop <= wanted.Start && r.Err == nil {
		r.Err = &arguments.Error{Text: "--stop-datetime is not after --start-datetime"}
	}
	return wanted, asUsage(r.Err)
}

// filterOf returns the filter of the flags for a range. If the filter needs sizes, it reads the range once to measure the
// transactions.
func filterOf(f *filterFlags, lr walk.Range) (*filter.Filter, error) {
	wanted, err := f.filter()
	if err != nil || !wanted.NeedsSizes() {
		return wanted, err
	}
	if lr.HasStdin() {
		return nil, notFromStdin("--min-rows and --min-bytes read a log twice")
	}
	if lr.Feed != nil {
		return nil, &usageError{text: "--min-rows and --min-bytes read a log twice, so they do not go with --follow"}
	}
	w, err := lr.Transactions()
	if err != nil {
		return nil, err
	}
	defer w.Close()
	wanted.Sizes, err = wanted.Measure(w)
	return wanted, err
}

// conditionOf reads --where; nil when it is not given.
func conditionOf(text *string) (*where.Condition, error) {
	if text == nil {
		return nil, nil
	}
	condition, err := where.Parse(*text)
	if err != nil {
		return nil, &usageError{text: "--where: " + err.Error(), hint: "for example --where \"id=5 and (status in (3,4) or note like 'paid%')\""}
	}
	return condition, nil
}

// emptyAnswer says why a command found nothing.
func emptyAnswer(a *filter.Account) error {
	return finding{errors.New("nothing found; " + a.Describe(flagOf))}
}

// answer is emptyAnswer if nothing is left, and notes what matched nothing if something is. Without a filter the account is nil.
func (r *session) answer(a *filter.Account) error {
	if a != nil && a.IsEmpty() {
		return emptyAnswer(a)
	}
	r.note(a.Unmatched(flagOf)...)
	return nil
}

// flagOf names the flag or flags that set a condition.
func flagOf(c filter.Condition) string {
	return map[filter.Condition]string{
		filter.ByStart: "--start-datetime", filter.ByStop: "--stop-datetime", filter.ByServer: "--server-id", filter.ByThread: "--thread-id",
		filter.ByInclude: "--include-gtids", filter.ByExclude: "--exclude-gtids", filter.BySize: "--min-rows or --min-bytes",
		filter.ByDatabase: "--database", filter.ByTable: "--table", filter.ByExcludeTable: "--exclude-table", filter.ByKind: "--type",
		filter.ByWhere: "--where",
	}[c]
}
