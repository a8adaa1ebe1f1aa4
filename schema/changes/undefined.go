package changes

import (
	"errors"
	"fmt"

	"binmend/decoder"
	"binmend/decoder/words"
	"binmend/schema/dump"
	"binmend/schema/live"
	"binmend/schema/rowmeta"
)

// Undefined says what becomes of rows whose table's definition is not known: an error, or an item without a Table.
type Undefined uint8

const (
	RefuseUndefined Undefined = iota
	GiveMissing               // rows of tables that nothing defines are given; that of another definition is an error
	GiveAll                   // all rows are given
)

// takes reports whether the rows are given in spite of an error.
func (u Undefined) takes(err error) bool {
	if u == GiveMissing {
		for _, missing := range []error{dump.ErrMissingTable, live.ErrNoTable, rowmeta.ErrNoNames, rowmeta.ErrNoSign, rowmeta.ErrNoFraction} {
			if errors.Is(err, missing) {
				return true
			}
		}
	}
	return u == GiveAll
}

// admit makes rows without a definition known to the current transaction and to those that follow. Where another chunk has the
// beginning of the transaction, which did not know of them, why they have none is the error.
func (s *Stream) admit(c *Chunk, m *decoder.TableMap, missing error) error {
	if s.begun && s.begunIn != c.Number && !s.current.MayDoMore {
		return missing
	}
	s.undefined = true
	if s.begun && !s.current.MayDoMore {
		s.current.MayDoMore = true
		c.Transactions[s.transaction(c)].MayDoMore = true
	}
	remember(&s.Definitions.Risks, fmt.Sprintf("rows of %s are BINLOG statements, which a reviewer can't read, because no definition of the table is known",
		words.Table(m.Database, m.Table)))
	return nil
}
