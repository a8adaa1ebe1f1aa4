package app

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"binmend/decoder/filter"
	"binmend/decoder/walk"
	"binmend/schema/where"
)

// tableFlags choose among tables.
func tableFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "database", Aliases: []string{"d"}, Usage: "only database `NAME`; may be repeated"},
		&cli.StringSliceFlag{Name: "table", Aliases: []string{"T"}, Usage: "only tables like `DB.TABLE`, with * and ?; may be repeated"},
		&cli.StringSliceFlag{Name: "exclude-table", Usage: "no tables like `DB.TABLE`; may be repeated"},
	}
}

// filterFlags choose among the events of a range. They are the same on every command that lists what logs hold.
func filterFlags() []cli.Flag {
	return append(tableFlags(), []cli.Flag{
		&cli.StringFlag{Name: "start-datetime", Usage: "from the first transaction that begins at `TIME` or later"},
		&cli.StringFlag{Name: "stop-datetime", Usage: "up to the first transaction that begins at `TIME` or later"},
		&cli.StringFlag{Name: "include-gtids", Usage: "only the transactions of `SET`"},
		&cli.StringFlag{Name: "exclude-gtids", Usage: "not the transactions of `SET`"},
		&cli.StringSliceFlag{Name: "server-id", Usage: "only transactions first written on server `N`; may be repeated"},
		&cli.StringSliceFlag{Name: "thread-id", Usage: "only transactions of thread `N`; may be repeated"},
		&cli.StringFlag{Name: "type", Usage: "only `KINDS` of changes: insert,update,delete,ddl"},
		&cli.Uint64Flag{Name: "min-rows", Base: 10, DefaultText: "any", Usage: "only transactions of at least `N` rows"},
		&cli.Uint64Flag{Name: "min-bytes", Base: 10, DefaultText: "any", Usage: "only transactions of at least `N` bytes of log"},
	}...)
}

// whereFlag chooses among rows. It needs the tables' definitions.
func whereFlag() cli.Flag {
	return &cli.StringFlag{Name: "where", Usage: "only rows with `CONDITION` before or after the change: 'id=5 and status in (3,4)'"}
}

// filterHelp explains the flags; it is part of the help of the commands that have them.
const filterHelp = `Filters: times are UTC, as '2024-01-31 23:59:59' or with an offset, '…T23:59:59+02:00'.
As with mysqlbinlog, --start-datetime stays open once it is reached. GTIDs are
a set of MySQL's (uuid:1-5:7) or MariaDB's (0-1-7, and 0-1-7-12 for a range).
Time, GTID, server, thread, --min-rows and --min-bytes choose whole transactions;
database, table and --type choose among their rows and statements. A statement
that was logged as such counts for its default database and for the tables that
its text names. Names are compared as the log spells them.`

// filterOf reads the flags. Sizes are still to be measured where the filter needs them.
func filterOf(c *cli.Context) (*filter.Filter, error) {
	f := &filter.Filter{Databases: c.StringSlice("database"), MinRows: c.Uint64("min-rows"), MinBytes: c.Uint64("min-bytes")}
	r := flagReader{c: c}
	f.Tables = r.patterns("table")
	f.ExcludeTables = r.patterns("exclude-table")
	f.Start = r.datetime("start-datetime")
	f.Stop = r.datetime("stop-datetime")
	f.Include = r.gtids("include-gtids")
	f.Exclude = r.gtids("exclude-gtids")
	f.ServerIDs = r.numbers("server-id")
	f.ThreadIDs = r.numbers("thread-id")
	f.Kinds = r.kinds("type")
	if f.Start != 0 && f.Stop != 0 && f.Stop <= f.Start && r.err == nil {
		r.err = &usageError{text: "--stop-datetime is not behind --start-datetime"}
	}
	return f, r.err
}

// conditionOf reads --where; nil when it is not given.
func conditionOf(c *cli.Context) (*where.Condition, error) {
	if !c.IsSet("where") {
		return nil, nil
	}
	condition, err := where.Parse(c.String("where"))
	if err != nil {
		return nil, &usageError{text: "--where: " + err.Error(), hint: "for example --where \"id=5 and (status in (3,4) or note like 'paid%')\""}
	}
	return condition, nil
}

// flagReader reads the values of flags; the first that is wrong is its error.
type flagReader struct {
	c   *cli.Context
	err error
}

func (r *flagReader) fail(flag string, err error) {
	if r.err == nil {
		r.err = &usageError{text: fmt.Sprintf("--%s: %v", flag, err)}
	}
}

func (r *flagReader) patterns(flag string) []filter.Pattern {
	var list []filter.Pattern
	for _, text := range r.c.StringSlice(flag) {
		p, err := filter.ParsePattern(text)
		if err != nil {
			r.fail(flag, err)
		}
		list = append(list, p)
	}
	return list
}

func (r *flagReader) gtids(flag string) *filter.GTIDs {
	if !r.c.IsSet(flag) {
		return nil
	}
	g, err := filter.ParseGTIDs(r.c.String(flag))
	if err != nil {
		r.fail(flag, err)
	}
	return g
}

func (r *flagReader) numbers(flag string) []uint32 {
	var list []uint32
	for _, value := range r.c.StringSlice(flag) {
		for _, text := range strings.Split(value, ",") {
			n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 32)
			if err != nil {
				r.fail(flag, fmt.Errorf("expected a number up to %d, found %q", uint32(math.MaxUint32), text))
			}
			list = append(list, uint32(n))
		}
	}
	return list
}

func (r *flagReader) kinds(flag string) filter.Kinds {
	if !r.c.IsSet(flag) {
		return 0
	}
	kinds, err := filter.ParseKinds(r.c.String(flag))
	if err != nil {
		r.fail(flag, err)
	}
	return kinds
}

// datetime reads a time as seconds since 1970; 0 when it is not given.
func (r *flagReader) datetime(flag string) uint32 {
	if !r.c.IsSet(flag) {
		return 0
	}
	seconds, err := filter.ParseTime(r.c.String(flag))
	if err != nil {
		r.fail(flag, err)
	}
	return seconds
}

// filterFor is the filter of the command line for a range, which it reads once to find the transactions that are large enough,
// where the filter needs that.
func (r *session) filterFor(c *cli.Context, lr walk.Range) (*filter.Filter, error) {
	f, err := filterOf(c)
	if err != nil || !f.NeedsSizes() {
		return f, err
	}
	if lr.HasStdin() {
		return nil, &usageError{text: "--min-rows and --min-bytes read a log twice, so not from standard input", hint: "save it to a file first"}
	}
	w, err := lr.Transactions()
	if err != nil {
		return nil, err
	}
	defer w.Close()
	f.Sizes, err = f.Measure(w)
	return f, err
}

// emptyAnswer is what a command ends with that has found nothing: why.
func emptyAnswer(a *filter.Account) error {
	return finding{errors.New("nothing found; " + a.Describe(flagOf))}
}

// flagOf is the flag, or the flags, that a condition is given by.
func flagOf(c filter.Condition) string {
	return map[filter.Condition]string{
		filter.ByStart: "--start-datetime", filter.ByStop: "--stop-datetime", filter.ByServer: "--server-id", filter.ByThread: "--thread-id",
		filter.ByInclude: "--include-gtids", filter.ByExclude: "--exclude-gtids", filter.BySize: "--min-rows or --min-bytes",
		filter.ByDatabase: "--database", filter.ByTable: "--table", filter.ByExcludeTable: "--exclude-table", filter.ByKind: "--type",
		filter.ByWhere: "--where",
	}[c]
}
