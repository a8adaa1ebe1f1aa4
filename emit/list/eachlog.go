package list

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"binmend/decoder/atomicfile"
	"binmend/decoder/walk"
	"binmend/decoder/words"
	"binmend/emit/display"
	"binmend/emit/session"
	"binmend/emit/sqltext"
	"binmend/schema"
	"binmend/schema/changes"
	"binmend/schema/dump"
	"binmend/schema/track"
)

// Columns gathers the columns that tables have over all logs, as a text of comments.
type Columns interface {
	Add(*schema.Table)
	Len() int // tables
	io.WriterTo
}

// maxDDL is how many bytes of statements EachLog keeps. Where there are more it reads the logs four times.
const maxDDL = 4 << 20

// EachLog writes a file LOG.sql for each log into a folder: the tables as they are where the log begins, according to files and the
// DDL in the logs before it, and the columns that tables have over all logs. unknown counts the tables that are unknown somewhere; the
// files name them and say why. Where the last log can't be read to its end, the files are right all the same; rest says what of it is not
// in the columns.
func EachLog(ctx context.Context, folder string, o TableOptions, overall Columns) (unknown int, rest, err error) {
	if doubt := changes.DoubtOf(o.Files, o.At, o.Logs.Names); doubt != "" {
		return 0, nil, errors.New(doubt) // the files would carry it on
	}
	statements := changes.NewDDL(o.Logs, maxDDL)
	tables, err := trackerOf(ctx, &o, statements)
	if err == nil && statements.Damage() != nil {
		rest, err = statements.Damage(), damageBefore(ctx, o.Logs)
	}
	if err != nil {
		return 0, nil, err
	}
	f := folderWriter{folder: folder, overall: overall, left: o.Logs.Names}
	if err := cmp.Or(os.MkdirAll(folder, 0o755), f.check()); err != nil {
		return 0, nil, err
	}
	tables.Seen = overall.Add
	if err := statements.Each(ctx, func(st changes.Statement) { apply(tables, st) }); err != nil {
		return 0, nil, err
	}
	if tables, err = trackerOf(ctx, &o, statements); err != nil {
		return 0, nil, err
	}
	f.tables = tables
	err = statements.Each(ctx, func(st changes.Statement) {
		f.begin(st.Pos.File)
		apply(tables, st)
	})
	if err == nil {
		f.begin(o.Logs.Names[len(o.Logs.Names)-1])
	}
	return f.unknown, rest, cmp.Or(f.err, err)
}

// damageBefore is the damage in the logs before the last; nil if there is none. Their DDL is needed for the files.
func damageBefore(ctx context.Context, logs walk.Logs) error {
	logs.Names = logs.Names[:len(logs.Names)-1]
	before := changes.NewDDL(logs, 0)
	err := before.Each(ctx, func(changes.Statement) {})
	if err == nil && before.Damage() != nil {
		return before.Damage()
	}
	return err
}

// folderWriter writes the files of EachLog.
type folderWriter struct {
	folder  string
	tables  *track.Tracker
	overall Columns
	left    []string // logs that have no file yet, in order
	unknown int
	err     error // the first; nothing is written after it
}

// begin is for the beginning of a log and what comes in it: this log and those before it get their files.
func (f *folderWriter) begin(log string) {
	for ; f.err == nil && slices.Contains(f.left, log); f.left = f.left[1:] {
		f.err = f.write(f.left[0])
	}
}

// check makes sure that no file is lost: one that has a log's name for another reason, such as the log's changes as SQL, or the one of a log of that name in
// another folder.
func (f *folderWriter) check() error {
	of := map[string]string{}
	for _, log := range f.left {
		name := f.fileOf(log)
		if other := of[name]; other != "" {
			return fmt.Errorf("%s and %s would both have %s: write to a folder for each", other, log, name)
		}
		of[name] = log
		if err := atomicfile.MayReplace(name, heading); err != nil {
			return err
		}
	}
	return nil
}

func (f *folderWriter) fileOf(log string) string {
	return filepath.Join(f.folder, filepath.Base(log)+".sql")
}

func (f *folderWriter) write(log string) error {
	return atomicfile.Write(f.fileOf(log), 0o644, func(w io.Writer) error {
		n, err := writeTables(w, log, f.tables)
		f.unknown += n
		if err != nil || f.overall.Len() == 0 {
			return err
		}
		if _, err = fmt.Fprint(w, "\n-- The columns that export gives tables, so that the files of all logs have the same:\n"); err == nil {
			_, err = f.overall.WriteTo(w)
		}
		return err
	})
}

// trackerOf is a tracker that stands before the first statement and knows all that come.
func trackerOf(ctx context.Context, o *TableOptions, statements *changes.DDL) (*track.Tracker, error) {
	tables := track.New(o.Files, o.At)
	return tables, statements.Each(ctx, func(st changes.Statement) { tables.Foresee(st.Pos, st.Statement) })
}

// apply applies a statement. One that is not understood makes tables unknown, which the next file says.
func apply(tables *track.Tracker, st changes.Statement) { _ = tables.Apply(st.Pos, st.Statement) }

// heading begins a file of EachLog.
const heading = "-- The tables as they are where "

// writeTables writes the tables as they are at one moment, as every client reads them.
func writeTables(out io.Writer, log string, tables *track.Tracker) (unknown int, err error) {
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, heading+"%s begins\n%s\n/*!40101 SET NAMES utf8mb4, sql_mode='NO_AUTO_VALUE_ON_ZERO' */;\n\n",
		display.Printable(filepath.Base(log)), session.ClientCharset("utf8mb4"))
	databases := tables.Databases()
	for _, name := range slices.Sorted(maps.Keys(databases)) {
		if e := databases[name]; e.Charset != "" && sqltext.CheckClient(name) == nil {
			collate := ""
			if e.Collation != "" {
				collate = " COLLATE " + e.Collation
			}
			fmt.Fprintf(w, "CREATE DATABASE IF NOT EXISTS %s DEFAULT CHARACTER SET %s%s;\n", words.Quote(name), e.Charset, collate)
		}
	}
	current := ""
	tables.Definitions(func(name dump.Name, def *dump.Definition, err error) {
		use, sql := "", ""
		if err == nil {
			use, sql, err = statementsFor(name.Database, def)
		}
		if err != nil {
			unknown++
			fmt.Fprintf(w, "\n-- %s is not known: %s\n", display.Printable(words.Table(name.Database, name.Table)), display.Printable(err.Error()))
			return
		}
		if name.Database != current {
			current = name.Database
			fmt.Fprintf(w, "\n%s;\n", use)
		}
		fmt.Fprintf(w, "\n%s;\n", sql)
	})
	return unknown, w.Flush()
}

// statementsFor are a USE and a CREATE TABLE. An error says why a definition can't be written so that every client reads it.
func statementsFor(database string, def *dump.Definition) (use, sql string, err error) {
	sql, ok := def.SQL()
	if !ok {
		return "", "", errors.New("its definition can't be written")
	}
	b, err := sqltext.Dialect{}.AppendUse(nil, database)
	if err == nil {
		err = sqltext.CheckClient(sql)
	}
	return string(b), sql, err
}
