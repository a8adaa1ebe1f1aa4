package repair

import (
	"binmend/decoder"
	"binmend/decoder/statement"
)

// changesRows reports whether a statement that was logged as such may change rows by itself: then the plan of what follows
// can't be right before it has run. DDL that the definitions follow does not count. What is not understood does.
func changesRows(e *decoder.Event) bool {
	if e.Type == decoder.EventExecuteLoadQuery {
		return true
	}
	_, st, err := statement.Of(e)
	return err == nil && st.MayChangeRows()
}
