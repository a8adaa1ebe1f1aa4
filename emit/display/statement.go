package display

import (
	"binmend/decoder"
	"binmend/decoder/statement"
)

// Statement is the text and the default database of an event that changes something by a statement, not by rows; "" for any other
// event. ROLLBACK and ROLLBACK TO are such statements: they take back rows.
func Statement(e *decoder.Event) (string, error) {
	if e.Type == decoder.EventExecuteLoadQuery {
		return "LOAD DATA INFILE", nil
	}
	if e.Type != decoder.EventQuery && e.Type != decoder.EventMariaQueryCompressed {
		return "", nil
	}
	q, st, err := statement.Of(e)
	if err != nil {
		return "", err
	}
	if st.IsFrame() {
		return "", nil
	}
	text := OneLine(q.SQL, maxStatement)
	if len(q.Database) > 0 {
		text = "use " + Printable(string(q.Database)) + "; " + text
	}
	return text, nil
}

// maxStatement is how much of a statement is shown.
const maxStatement = 200
