package repair

import (
	"binmend/decoder"
	"binmend/decoder/statement"
)

// changesRows reports whether a logged statement may change rows by itself: then a plan for what follows can't be right before the
// statement has run. DDL that the definitions follow does not count; a statement that is not understood does.
func changesRows(e *decoder.Event) bool {
	if e.Type == decoder.EventExecuteLoadQuery {
		return true
	}
	_, st, err := statement.Of(e)
	return err == nil && st.MayChangeRows()
}

// rollsBack reports whether an event takes back the rows of an XA transaction that was prepared before.
func rollsBack(e *decoder.Event) bool {
	_, st, err := statement.Of(e)
	return err == nil && st.Verb == statement.XARollback
}
