package export

import (
	"cmp"
	"slices"

	"binmend/decoder"
	"binmend/decoder/filter"
	"binmend/decoder/statement"
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
		statement: string(q.SQL),
	}
	if st.Verb == statement.Truncate {
		r.change = changeTruncate
	}
	for _, of := range rs.tablesOf(q, st, i.Event.Format.Server) {
		r.database, r.table = of.Database, of.Name
		if err := to.takeDDL(&r); err != nil {
			return err
		}
		s.DDL++
	}
	return nil
}

// tablesOf lists the wanted tables that a DDL statement is of. DDL of anything else has one entry, without a table: of the database that
// it names, or else of its default one.
func (rs *records) tablesOf(q *decoder.Query, st statement.Statement, writer decoder.Version) (list []filter.Table) {
	objects := schema.ObjectsOf(q, st, writer)
	if p := st.Partner(q.SQL, statement.ContextOf(q, writer)); p.Name != "" {
		objects = append(objects, statement.Name{Database: schema.NameOf(q, writer, p.Database), Name: schema.NameOf(q, writer, p.Name)})
	}
	other := filter.Table{Database: string(q.Database)}
	for _, o := range objects {
		t := filter.Table{Database: cmp.Or(o.Database, string(q.Database)), Name: o.Name}
		switch st.Object {
		case statement.TableObject, statement.IndexObject, statement.SequenceObject:
			if rs.filter.WantsTable(t) && !slices.Contains(list, t) {
				list = append(list, t)
			}
		case statement.DatabaseObject:
			other.Database = o.Name
		default:
			other.Database = t.Database
		}
	}
	if len(list) == 0 {
		return []filter.Table{other}
	}
	return list
}
