package list

import (
	"bufio"
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
	Append([]byte) []byte
}

// EachLog writes a file LOG.sql for each log into a folder: the tables as they are where the log begins, according to files and the
// DDL in the logs before it, and the columns that tables have over all logs. unknown counts the tables that are unknown somewhere; the
// files name them and say why.
func EachLog(ctx context.Context, folder string, o TableOptions, overall Columns) (unknown int, err error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return 0, err
	}
	statements, err := statementsOf(ctx, o.Logs)
	if err != nil {
		return 0, err
	}
	tables := trackerOf(&o, statements)
	tables.Seen = overall.Add
	for _, list := range statements {
		applyAll(tables, list)
	}
	footer := overall.Append(nil)
	tables = trackerOf(&o, statements)
	for i, log := range o.Logs.Names {
		path := filepath.Join(folder, filepath.Base(log)+".sql")
		err := atomicfile.Write(path, 0o644, func(w io.Writer) error {
			n, err := writeTables(w, log, tables)
			unknown += n
			if err == nil && len(footer) > 0 {
				_, err = fmt.Fprintf(w, "\n-- The columns that export gives tables, so that the files of all logs have the same:\n%s", footer)
			}
			return err
		})
		if err != nil {
			return unknown, err
		}
		applyAll(tables, statements[i])
	}
	return unknown, nil
}

// trackerOf is a tracker that stands before the first statement and knows all that come.
func trackerOf(o *TableOptions, statements [][]changes.Statement) *track.Tracker {
	tables := track.New(o.Files, o.At)
	for _, list := range statements {
		for _, st := range list {
			tables.Foresee(st.Pos, st.Statement)
		}
	}
	return tables
}

// applyAll applies statements. One that is not understood makes tables unknown, which the next file says.
func applyAll(tables *track.Tracker, list []changes.Statement) {
	for _, st := range list {
		_ = tables.Apply(st.Pos, st.Statement)
	}
}

// statementsOf reads what may be DDL in each of the logs.
func statementsOf(ctx context.Context, logs walk.Logs) ([][]changes.Statement, error) {
	all, index := make([][]changes.Statement, len(logs.Names)), map[string]int{}
	for i, name := range logs.Names {
		index[name] = i
	}
	err := changes.EachStatement(ctx, logs, func(st changes.Statement) {
		i := index[st.Pos.File]
		all[i] = append(all[i], st)
	})
	return all, err
}

// writeTables writes the tables as they are at one moment, as every client reads them.
func writeTables(out io.Writer, log string, tables *track.Tracker) (unknown int, err error) {
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, "-- The tables as they are where %s begins\n%s\n/*!40101 SET NAMES utf8mb4, sql_mode='NO_AUTO_VALUE_ON_ZERO' */;\n\n",
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
