package export

import (
	"cmp"
	"slices"
	"strings"

	"binmend/decoder"
	"binmend/decoder/filter"
	"binmend/decoder/statement"
	"binmend/emit/display"
	"binmend/schema"
	"binmend/schema/changes"
)

// eachDDL gives the records of a DDL statement: one for each wanted table that it names, or one without a table. Other statements are
// counted, and so is DDL of temporary tables, whose rows no log has; what only moves a transaction on (SAVEPOINT, XA END) is not.
func (rs *records) eachDDL(c *changes.Chunk, i *changes.Item, s *Summary, to taker) error {
	if i.Event.Type != decoder.EventQuery && i.Event.Type != decoder.EventMariaQueryCompressed {
		return nil // of an XA transaction
	}
	q, st, err := statement.Of(i.Event)
	if err != nil {
		return err
	}
	if st.Kind == statement.Control {
		return nil
	}
	if st.Kind != statement.DDL || st.Temporary {
		s.Statements++
		return nil
	}
	t := c.TransactionOf(i)
	names := rs.names.of(c, rs.options, i)
	r := record{
		change: changeDDL, source: rs.options.Source, file: rs.options.nameOf(i.Event.Pos.File), offset: i.Event.Pos.Offset,
		transaction: rs.options.number(t), key: names.key,
		gtid: names.gtid, time: i.Event.Timestamp, commit: t.Commit, server: i.Event.ServerID, thread: cmp.Or(t.Thread, q.ThreadID),
	}
	if st.Verb == statement.Truncate {
		r.change = changeTruncate
	}
	tables := rs.tablesOf(q, st, i.Event.Format.Server)
	r.statement = shareOf(q.SQL, len(tables))
	for _, of := range tables {
		r.database, r.table = of.Database, of.Name
		if err := to.takeDDL(&r); err != nil {
			return err
		}
		s.DDL++
	}
	return nil
}

// maxStatements bounds the bytes that all records of one statement have of it together: it may name a table with each ten bytes.
const maxStatements = 64 << 20

// leastShare is what each record has of a statement in any case.
const leastShare = 256

// shareOf is what each of n records has of a statement: all of it, or its beginning.
func shareOf(sql []byte, n int) string {
	share := max(leastShare, maxStatements/n)
	if len(sql) <= share {
		return string(sql)
	}
	return string(sql[:display.WholeRunes(sql, share)]) + " …"
}

// tablesOf lists the wanted tables that a DDL statement is of. DDL of anything else has one entry, without a table: of the database that
// it names, or else of its default one.
func (rs *records) tablesOf(q *decoder.Query, st statement.Statement, writer decoder.Version) (list []filter.Table) {
	other := filter.Table{Database: string(q.Database)}
	for o := range schema.ObjectsOf(q, st, writer) {
		t := filter.Table{Database: cmp.Or(o.Database, string(q.Database)), Name: o.Name}
		switch st.Object {
		case statement.TableObject, statement.IndexObject, statement.SequenceObject:
			list = append(list, t)
		case statement.DatabaseObject:
			other.Database = o.Name
		default:
			other.Database = t.Database
		}
	}
	if p := st.Partner(q.SQL, statement.ContextOf(q, writer)); p.Name != "" {
		list = append(list, filter.Table{Database: cmp.Or(schema.NameOf(q, writer, p.Database), string(q.Database)), Name: schema.NameOf(q, writer, p.Name)})
	}
	if list = rs.wanted(list); len(list) == 0 {
		return []filter.Table{other}
	}
	return list
}

// wanted is each wanted table of a list, once. The list may be long.
func (rs *records) wanted(list []filter.Table) []filter.Table {
	order := make([]int32, len(list))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int {
		return cmp.Or(strings.Compare(list[a].Name, list[b].Name), strings.Compare(list[a].Database, list[b].Database))
	})
	for i := len(order) - 1; i > 0; i-- {
		if list[order[i]] == list[order[i-1]] {
			list[order[i]] = filter.Table{}
		}
	}
	return slices.DeleteFunc(list, func(t filter.Table) bool { return t == filter.Table{} || !rs.filter.WantsTable(t) })
}
