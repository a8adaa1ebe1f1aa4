package changes

import (
	"context"
	"slices"
	"unsafe"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/walk"
)

// DDL gives the statements of logs that may be DDL to callers that need them more than once. A few are kept in memory; many are read
// from the logs again each time.
type DDL struct {
	logs       walk.Logs
	statements []Statement
	bytes      int          // of all of them
	most       int          // more bytes are not kept
	isWhole    bool         // statements has all of them
	damage     *fault.Error // where the last reading of the logs ended
}

// NewDDL is for the statements of some logs, which are kept if they take no more bytes than most. It reads nothing yet.
func NewDDL(logs walk.Logs, most int) *DDL { return &DDL{logs: logs, most: most} }

// Damage is what ended the reading of the logs before their end; nil if nothing did.
func (d *DDL) Damage() *fault.Error { return d.damage }

// maxDDLBytes is how much is kept beside the rows that are read.
const maxDDLBytes = 4 << 20

// Each calls yield for every statement, in log order. Damage ends it without an error, as it ends EachStatement.
func (d *DDL) Each(ctx context.Context, yield func(Statement)) error {
	return d.each(ctx, anywhere, yield)
}

// each is Each, up to the first statement whose place is not wanted.
func (d *DDL) each(ctx context.Context, isWanted func(decoder.Position) bool, yield func(Statement)) error {
	if d.isWhole {
		for _, st := range d.statements {
			if !isWanted(st.Pos) {
				break
			}
			yield(st)
		}
		return nil
	}
	d.statements, d.bytes = nil, 0
	wantsAll := true
	damage, err := eachStatement(ctx, d.logs, func(pos decoder.Position) bool {
		wantsAll = wantsAll && isWanted(pos)
		return wantsAll
	}, func(st Statement) {
		d.keep(st)
		yield(st)
	})
	d.damage = damage
	d.isWhole = err == nil && wantsAll && d.bytes <= d.most
	return err
}

func (d *DDL) keep(st Statement) {
	d.bytes += int(unsafe.Sizeof(st)) + len(st.SQL) + len(st.Database)
	if d.statements = append(d.statements, st); d.bytes > d.most {
		d.statements = nil
	}
}

// met has the DDL that a pass through logs meets on the way to something else.
type met struct {
	DDL
	isUnreadable bool // a statement can't be read
}

// add adds the statement of the next Query event, if it may be DDL.
func (m *met) add(e *decoder.Event) {
	switch st, ok, err := ReadStatement(e); {
	case err != nil:
		m.isUnreadable = true
	case ok:
		m.keep(st)
	}
}

// keep keeps what a pass through the logs of a range has met, if these are the logs of the definitions, and do not grow.
func (d *Definitions) keep(m *met, lr walk.Range) {
	if lr.Feed == nil && !m.isUnreadable && m.bytes <= m.most && slices.Equal(lr.Names, d.Logs.Names) {
		m.isWhole = true
		d.ddl = &m.DDL
	}
}

// statements are those of the definitions' logs.
func (d *Definitions) statements() *DDL {
	if d.ddl != nil {
		return d.ddl
	}
	return NewDDL(d.Logs, maxDDLBytes)
}
