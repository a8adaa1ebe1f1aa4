package changes

import (
	"context"
	"unsafe"

	"binmend/decoder"
	"binmend/decoder/filter"
	"binmend/decoder/txn"
	"binmend/schema"
	"binmend/schema/where"
)

// Kind is the kind of an item.
type Kind uint8

const (
	KindBegin     Kind = iota // a transaction begins of which something is wanted
	KindRows                  // a row event
	KindStatement             // a Query event but BEGIN, COMMIT and ROLLBACK; an XA_prepare event; a MariaDB GTID event that is XA START
	KindSetting               // an Intvar, RAND or User_var event: for the statement after it
	KindLoad                  // an event of LOAD DATA INFILE, or an Incident: changes that the log does not say in SQL or rows
	KindEnd                   // the transaction ends
)

// Item is one change, or a mark between changes.
type Item struct {
	Kind        Kind
	Transaction int                  // index in the chunk's Transactions
	Rows        decoder.DetachedRows // of KindRows
	Table       *schema.Table        // of KindRows; nil when there is no definition, and Options.Undefined takes it
	Triggers    bool                 // of KindRows: the table has triggers, or may have by what the log says
	Cascaded    bool                 // of KindRows: the log has what foreign keys made of the statement's rows, before them
	Event       *decoder.Event       // of KindStatement, KindSetting and KindLoad: a copy
	Homeless    bool                 // of KindStatement: its default database had been dropped, by another session, or is none of what is wanted
	LeftOut     filter.Table         // of KindStatement: a table that DDL is of beside the wanted ones; zero for none
	where       *where.Matcher       // nil: all rows
	special     *special             // of Table; nil: none
}

// Transaction is what is known of a transaction when the item is read. Its end and its ending are known at the KindEnd item.
type Transaction struct {
	txn.Transaction
	InLog     int    // its number in the log that it begins in, from 1
	Thread    uint32 // that ran it; 0 when the log does not say
	Format    *decoder.Format
	Opened    bool             // by BEGIN, or by a MariaDB GTID that is one; not a statement that stands alone, and not XA START
	Pending   decoder.Position // of an XA transaction that is prepared and not ended before this one, and may never be; this does not end it
	Outcome   Outcome          // of an XA transaction, and of the one that XA COMMIT or XA ROLLBACK ends, as it was known when it was prepared
	Ends      Outcome          // how XA COMMIT or XA ROLLBACK ends a transaction of the range; Open: it does not
	MayDoMore bool             // tables with triggers, with history or without a definition are known
	// FillsTable: a CREATE TABLE … START TRANSACTION began it, and the table's rows follow.
	FillsTable bool
	XA         bool // an XA transaction up to XA PREPARE, or to XA COMMIT ONE PHASE
}

// Chunk is a run of items in log order.
type Chunk struct {
	Number       int // from 0
	Items        []Item
	Transactions []Transaction // that the items belong to, in order
	Out          []byte        // for what is made of the chunk; it is kept and reused

	judged, wanted uint64            // rows, by --where
	bytes          []byte            // the bodies of the events
	weight         int               // bytes that the items take when they are read, with their tables
	last           *decoder.TableMap // of the last row event
	lent           bool              // an item is the reader's own event, which waits until the chunk is done
	pipeline       *pipeline
	err            error
	ready          chan bool     // true: work has returned; false: it flushes
	flushed        chan struct{} // done has taken what was flushed
}

func newChunk(p *pipeline) *Chunk {
	return &Chunk{pipeline: p, ready: make(chan bool, 2), flushed: make(chan struct{}, 1)}
}

// FlushBytes is when work should Flush what it has made: memory is bounded by this, not by what a chunk unfolds to.
const FlushBytes = 1 << 20

// Flush has done called with what work has made of the chunk so far, in the chunk's turn, and returns when done has
// returned. Out is empty then.
func (c *Chunk) Flush() error {
	select {
	case c.ready <- false:
	case <-c.pipeline.ended:
		return context.Canceled
	}
	select {
	case <-c.flushed:
		c.Out = c.Out[:0]
		return nil
	case <-c.pipeline.ended:
		return context.Canceled
	}
}

// Err is the error of the run's context: work that takes long returns it, where what it has made so far is whole.
func (c *Chunk) Err() error { return c.pipeline.ctx.Err() }

// A chunk is full when it has as many bytes or items.
const (
	chunkBytes = 256 << 10
	chunkItems = 4096
)

// What an item and a transaction take besides the bytes of events.
const (
	itemBytes        = int(unsafe.Sizeof(Item{}))
	transactionBytes = int(unsafe.Sizeof(Transaction{}))
)

func (c *Chunk) isFull() bool {
	return c.size() >= chunkBytes || len(c.Items) >= chunkItems || c.lent
}

// size is about how many bytes of memory the chunk takes.
func (c *Chunk) size() int {
	return c.weight + len(c.Items)*itemBytes + len(c.Transactions)*transactionBytes
}

// lendBytes is the size from which an event is not copied. The reader waits for it instead.
const lendBytes = 1 << 20

// keepBytes bounds the memory that an emptied chunk keeps: after one large event it is given back.
const keepBytes = 4 << 20

func (c *Chunk) empty(number int) {
	c.Number, c.bytes, c.Out = number, c.bytes[:0], c.Out[:0]
	c.judged, c.wanted, c.err = 0, 0, nil
	c.weight, c.lent, c.last = 0, false, nil
}

// add appends an item, which is filled in where it stays: those behind the last one are zero, see release.
func (c *Chunk) add(kind Kind, transaction int) *Item {
	n := len(c.Items)
	if n == cap(c.Items) {
		c.Items = append(c.Items, Item{})
	}
	c.Items = c.Items[:n+1]
	i := &c.Items[n]
	i.Kind, i.Transaction = kind, transaction
	return i
}

// release forgets the items, and gives back the memory of large events.
func (c *Chunk) release() {
	clear(c.Items)
	clear(c.Transactions)
	c.Items, c.Transactions = c.Items[:0], c.Transactions[:0]
	if cap(c.bytes) > keepBytes {
		c.bytes = nil
	}
	if cap(c.Out) > keepBytes {
		c.Out = nil
	}
}

// TransactionOf is the transaction of an item.
func (c *Chunk) TransactionOf(i *Item) *Transaction { return &c.Transactions[i.Transaction] }
