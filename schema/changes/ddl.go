package changes

import (
	"context"
	"slices"
	"unsafe"

	"binmend/decoder"
	"binmend/decoder/walk"
)

// ddl has the statements of logs that may be DDL, as a pass through the logs met them that was made for something else. Who asks for
// them later reads the logs no second time.
type ddl struct {
	statements []Statement
	bytes      int
	lacks      bool // some are not there: they are too many, or can't be read
}

// maxDDLBytes bounds the memory of the statements that are kept.
const maxDDLBytes = 4 << 20

// add adds the statement of the next Query event, if it may be DDL.
func (d *ddl) add(e *decoder.Event) {
	if q, err := ddlOf(e); d.lacks || err == nil && q == nil {
		return
	}
	st, _, err := ReadStatement(e)
	if err == nil {
		d.statements = append(d.statements, st)
		d.bytes += int(unsafe.Sizeof(st)) + len(st.SQL) + len(st.Database)
	}
	if err != nil || d.bytes > maxDDLBytes {
		*d = ddl{lacks: true}
	}
}

// keep keeps what a pass through the logs of a range has found, if these are the logs of the definitions, and do not grow.
func (d *Definitions) keep(found *ddl, lr walk.Range) {
	if lr.Feed == nil && !found.lacks && slices.Equal(lr.Names, d.Logs.Names) {
		d.ddl = found
	}
}

// eachStatement calls yield for every statement of the definitions' logs that may be DDL, up to the first whose place is not wanted.
func (d *Definitions) eachStatement(ctx context.Context, isWanted func(decoder.Position) bool, yield func(Statement)) error {
	if d.ddl == nil {
		return eachStatement(ctx, d.Logs, isWanted, yield)
	}
	for _, st := range d.ddl.statements {
		if !isWanted(st.Pos) {
			break
		}
		yield(st)
	}
	return nil
}
