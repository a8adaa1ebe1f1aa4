package changes

import (
	"context"
	"fmt"

	"binmend/decoder"
	"binmend/decoder/cache"
	"binmend/decoder/filter"
	"binmend/decoder/statement"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
	"binmend/decoder/words"
	"binmend/schema"
	"binmend/schema/where"
)

// Options are what a stream is made of.
type Options struct {
	Events      *walk.Walk       // of the range
	Definitions *Definitions     // of the tables
	Filter      *filter.Filter   // nil: everything is wanted
	Where       *where.Condition // nil: every row is wanted; with a condition, only rows are
	Undefined   Undefined        // what becomes of rows whose table's definition is not known
	Undone      *walk.Undone     // leaves out the rows that were taken back; nil: all are given, as the log has them
	// Watch is told of each event of the range by the goroutine that reads, before work gets what changes with it; nil: nobody is.
	Watch func(*decoder.Event, *walk.Walk) error
}

// Stream gives the changes of a run of events.
type Stream struct {
	Options
	run          *filter.Run
	leftOut      int // row events that Undone has
	tables       cache.Cache[*decoder.TableMap, *table]
	settingBytes int             // of settings
	settings     []decoder.Event // of the statement to come
	xaStart      *decoder.Event  // that has not been given yet
	current      Transaction
	seen         []*schema.Table      // what Tables says of them
	known        map[string]bool      // whether seen has it
	prepared     map[string]*prepared // by XID
	pending      []decoder.Position   // where those begin of which nothing says what becomes of them
	outcomes     outcomes             // nil: not looked for yet
	lookAhead    walk.Range           // where to look for them
	undefined    bool                 // rows were given without a Table
	begunIn      int                  // the chunk with the KindBegin item
	maps         int                  // table maps of the current statement
	alone        map[string]bool      // see ChangedAlone
	unknown      bool                 // row events had no definition
	unlogged     []string             // see Unlogged
	dropped      map[string]bool      // databases
	cascades     bool                 // the current statement has changes that foreign keys made
	begun        bool                 // the KindBegin item of the current transaction has been given
	endsInside   bool                 // see EndsInside
	feed         *walk.Feed           // of logs that grow; may be nil
	log          string               // that the last transaction begins in
	before       int                  // transactions before that log
}

// NewStream begins at the next event of the options' walker.
func NewStream(o Options) *Stream {
	if o.Filter == nil {
		o.Filter = &filter.Filter{}
	}
	return &Stream{Options: o, run: o.Filter.NewRun(), known: map[string]bool{}, alone: map[string]bool{}, dropped: map[string]bool{}}
}

// LeftOut is how many row events were left out because the source rolled them back.
func (s *Stream) LeftOut() int { return s.leftOut }

// Account is what was seen and what the filter removed.
func (s *Stream) Account() *filter.Account { return &s.run.Account }

// EndsInside reports whether the logs end inside a wanted transaction, with or without some of its changes.
func (s *Stream) EndsInside() bool { return s.endsInside }

// endLogs notes how the logs end.
func (s *Stream) endLogs() {
	s.endsInside = s.Events.Open() && !s.Events.Past() && !s.run.Drops()
	if t := s.Events.Transaction(); s.endsInside && s.begun {
		remember(&s.Definitions.Risks, fmt.Sprintf("the logs end inside the transaction that begins at %s: what they have of it is given, and whether it was committed is not known", t.Start))
	} else if s.endsInside {
		s.Definitions.Remark(fmt.Sprintf("the logs end inside the transaction that begins at %s, before any change that is wanted", t.Start))
	}
}

// read takes the next event and appends what is wanted of it to the chunk. done means that no later event is wanted.
func (s *Stream) read(ctx context.Context, c *Chunk) (done bool, err error) {
	e, step, err := s.Events.Next()
	if err == nil && s.Watch != nil {
		err = s.Watch(e, s.Events)
	}
	if err != nil {
		return false, err
	}
	if step == txn.Inside { // nearly all events are these
		switch {
		case e.IsRows():
			err := s.keepRows(ctx, c, e)
			s.endStatement(e)
			return false, err
		case e.Type == decoder.EventTableMap:
			s.maps++
			return false, nil
		case e.Type == decoder.EventRowsQuery, e.Type == decoder.EventMariaAnnotateRows:
			return false, nil
		}
	}
	changed, err := s.Definitions.Follow(e)
	if err != nil {
		return false, err
	}
	if changed {
		s.tables.Clear()
	}
	return s.readFrame(ctx, c, e, step)
}

// readFrame takes an event that is not a row event inside a transaction.
func (s *Stream) readFrame(ctx context.Context, c *Chunk, e *decoder.Event, step txn.Step) (done bool, err error) {
	if step.Begins() {
		s.current, s.begun, s.settings, s.settingBytes, s.xaStart = Transaction{}, false, nil, 0, nil
	}
	t := s.Events.Transaction()
	verdict, err := s.run.AddEvent(e, step, t)
	if err == nil {
		err = s.run.CheckKnown(e, step)
	}
	if err != nil || verdict == filter.Stop {
		return true, err
	}
	if step == txn.Outside {
		return false, nil
	}
	if step.Begins() && t.Start.File != s.log {
		s.log, s.before = t.Start.File, t.Number-1
	}
	s.current.InLog = t.Number - s.before
	s.current.Transaction, s.current.Thread, s.current.Format = t, s.run.Thread(), e.Format
	if verdict == filter.Keep {
		if err := s.keep(ctx, c, e); err != nil {
			return false, err
		}
	}
	if step.Ends() && s.begun {
		if t.Ending == txn.RolledBack && s.Undone != nil && !s.Undone.Knows() {
			s.Definitions.Remark(fmt.Sprintf("the transaction that begins at %s ended in ROLLBACK: its rows are given all the same", t.Start))
		}
		c.add(KindEnd, s.transaction(c))
		c.Transactions[len(c.Transactions)-1] = s.current
	}
	return false, nil
}

// keep appends an event that the filter wants.
func (s *Stream) keep(ctx context.Context, c *Chunk, e *decoder.Event) error {
	if e.IsRows() {
		err := s.appendRows(ctx, c, e)
		s.endStatement(e)
		return err
	}
	switch e.Type {
	case decoder.EventMariaGtid:
		g, err := e.Gtid()
		if err == nil && g.Flags&decoder.MariaGtidPreparedXA != 0 {
			err = s.startXA(e)
		}
		s.current.Opened = g.Flags&decoder.MariaGtidStandalone == 0 && !s.current.XA
		return err
	case decoder.EventQuery, decoder.EventMariaQueryCompressed:
		return s.keepQuery(c, e)
	case decoder.EventXAPrepare:
		s.keepFrame(c, e)
		return s.prepare(e)
	case decoder.EventIntvar, decoder.EventRand, decoder.EventUserVar:
		return s.keepSetting(e)
	case decoder.EventBeginLoadQuery, decoder.EventAppendBlock, decoder.EventExecuteLoadQuery, decoder.EventDeleteFile,
		decoder.EventIncident:
		s.begin(c)
		s.addItem(c, KindLoad, e)
	}
	return nil
}

// maxSettings bounds the memory of the variables that one statement names.
const maxSettings = 8 << 20

// keepSetting keeps a variable for the statement that comes.
func (s *Stream) keepSetting(e *decoder.Event) error {
	const ofEvent = 900 // besides its body: a clone has a reader of its own
	s.settingBytes += ofEvent + len(e.Body)
	if s.settingBytes > maxSettings && len(s.settings) > 0 {
		return fmt.Errorf("%s at offset %d: expected the statement that the variables before it are for, found %d more of them",
			e.Pos.File, e.Pos.Offset, len(s.settings))
	}
	s.settings = append(s.settings, e.Clone())
	return nil
}

// keepQuery appends a statement, except BEGIN, COMMIT and the like, which have items of their own kind.
func (s *Stream) keepQuery(c *Chunk, e *decoder.Event) error {
	q, st, err := statement.Of(e)
	if err != nil {
		return err
	}
	if st.HasNoEffect() {
		return nil
	}
	switch st.Verb {
	case statement.Begin:
		s.current.Opened = true
	case statement.Commit, statement.Rollback:
	case statement.XAStart:
		return s.startXA(e)
	case statement.XAEnd:
		s.keepFrame(c, e)
	case statement.XACommit, statement.XARollback:
		s.endPrepared(c, e, q, st.Verb)
	default:
		s.current.FillsTable = s.current.FillsTable || st.OpensTransaction
		s.keepStatement(c, e)
		if s.Where != nil {
			break
		}
		c.Items[len(c.Items)-1].Homeless = s.dropped[string(q.Database)] || s.Filter.Leaves(q, st, e.Format.Server)
		if st.Kind == statement.DDL {
			s.followDatabases(q, st, e.Format.Server)
			t, _ := s.Filter.LeftOut(q, e.Format.Server)
			c.Items[len(c.Items)-1].LeftOut = t
		}
	}
	return nil
}

func (s *Stream) keepStatement(c *Chunk, e *decoder.Event) {
	if s.Where != nil {
		s.run.Account.RemoveStatement()
		return
	}
	s.begin(c)
	for i := range s.settings {
		c.weight += len(s.settings[i].Body)
		c.add(KindSetting, s.transaction(c)).Event = &s.settings[i]
	}
	s.settings, s.settingBytes = nil, 0
	s.addItem(c, KindStatement, e)
}

// followDatabases keeps which databases were dropped and not made again: sessions go on with one as their default database.
func (s *Stream) followDatabases(q *decoder.Query, st statement.Statement, server decoder.Version) {
	if st.Object != statement.DatabaseObject || q.ErrorCode != 0 {
		return
	}
	for name := range st.Objects(q.SQL, statement.ContextOf(q, server)) {
		switch {
		case st.Verb != statement.Drop:
			delete(s.dropped, name.Name)
		case len(s.dropped) < maxSeen:
			s.dropped[name.Name] = true
		}
	}
}

func (s *Stream) addItem(c *Chunk, kind Kind, e *decoder.Event) {
	copied := *e
	unfolded := e.Unfolded()
	if unfolded >= lendBytes {
		c.lent = true
	} else {
		copied = e.Clone()
	}
	c.weight += unfolded
	c.add(kind, s.transaction(c)).Event = &copied
}

// begin appends the KindBegin item, once.
func (s *Stream) begin(c *Chunk) {
	if !s.begun {
		s.begun, s.begunIn, s.current.MayDoMore = true, c.Number, s.undefined || s.Definitions.mayDoMore()
		if n := len(s.pending); n > 0 {
			s.current.Pending = s.pending[n-1]
		}
		c.add(KindBegin, s.transaction(c))
		if s.xaStart != nil {
			s.addItem(c, KindStatement, s.xaStart)
			s.xaStart = nil
		}
	}
}

// transaction puts what is known of the current transaction into the chunk, once.
func (s *Stream) transaction(c *Chunk) int {
	if n := len(c.Transactions); n > 0 && c.Transactions[n-1].Number == s.current.Number {
		return n - 1
	}
	c.Transactions = append(c.Transactions, s.current)
	return len(c.Transactions) - 1
}

// keepRows appends a row event inside a transaction, if the filter wants it.
func (s *Stream) keepRows(ctx context.Context, c *Chunk, e *decoder.Event) error {
	verdict, err := s.run.AddRows(e)
	if err != nil || verdict != filter.Keep {
		return err
	}
	return s.appendRows(ctx, c, e)
}

func (s *Stream) appendRows(ctx context.Context, c *Chunk, e *decoder.Event) error {
	m, err := e.RowsTable()
	if err != nil {
		return err
	}
	t, err := s.table(ctx, m, e.Pos)
	cascaded := s.followCascades(e, m, t)
	if s.Undone.Has(e) && (err != nil || t.table == nil || t.table.Engine == "" || t.table.RollsBack()) {
		s.leftOut++
		if err != nil || t.table == nil || t.table.Engine == "" {
			remember(&s.Definitions.Risks, fmt.Sprintf("rows of %s that the source rolled back are left out; if the table's engine has no transactions, which "+
				"no definition says, they have stayed there", words.Table(m.Database, m.Table)))
		}
		return nil
	}
	if err == nil && t.missing != nil && s.Undefined == GiveMissing {
		err = s.admit(c, m, t.missing)
	}
	if err != nil || t.lacks {
		return err
	}
	s.remarkUnlogged(ctx, e, t)
	s.unknown = s.unknown || t.table == nil
	s.begin(c)
	item := c.add(KindRows, s.transaction(c))
	item.Table, item.Triggers, item.Cascaded, item.where = t.table, t.triggers, cascaded, t.where
	item.special = t.special
	unfolded := e.Unfolded()
	c.weight += unfolded
	if m != c.last { // the chunk keeps both while caches may forget them
		c.weight += t.size
		c.last = m
	}
	if unfolded >= lendBytes {
		e.Lend(&item.Rows, m)
		c.lent = true
		return nil
	}
	c.bytes = e.Detach(&item.Rows, m, c.bytes)
	return nil
}

// GaveUndefined reports whether rows were given whose table has no definition.
func (s *Stream) GaveUndefined() bool { return s.unknown }
