package dump

import (
	"fmt"

	"binmend/decoder/statement"
)

// What no server takes is not parsed: the parser's memory grows with a statement by a hundred times and more.
const (
	MaxDDL    = 16 << 20 // bytes of one statement: 4,096 columns with the longest comments, in 4-byte characters
	maxTokens = 250_000  // an ENUM has at most 65,535 members, a table 8,192 partitions
	maxItems  = 9_000    // of one list in a table's parentheses: 4,096 columns, 64 to 128 keys, and checks, or 8,192 partitions
	maxKeys   = 255      // of a table, 64 unless the server was built with more; an ALTER adds few at a time, so they are counted there
	maxDepth  = 3_200    // of parentheses: MySQL's parser ends there (MySQL source: sql_yacc.yy, YYMAXDEPTH)
)

// checkLimits refuses a statement that no server takes, before anything is kept of it.
func checkLimits(st *Statement, context statement.Context) error {
	sql := st.SQL
	if n := max(len(sql), st.Length); n > MaxDDL {
		return fmt.Errorf("expected a statement of at most %d bytes, found %d", MaxDDL, n)
	}
	if len(sql) < maxItems {
		return nil
	}
	s := statement.NewScanner([]byte(sql), context)
	depth, items := 0, 0
	for n := 0; ; n++ {
		t := s.Next()
		switch {
		case t.Kind == statement.End:
			return nil
		case n > maxTokens:
			return fmt.Errorf("expected a statement of at most %d words and signs", maxTokens)
		case s.IsOperator(t, "("):
			if depth++; depth > maxDepth {
				return fmt.Errorf("expected parentheses at most %d deep", maxDepth)
			}
		case s.IsOperator(t, ")"):
			if depth--; depth == 0 {
				items = 0
			}
		case s.IsOperator(t, ",") && depth <= 1:
			if items++; items > maxItems {
				return fmt.Errorf("expected at most %d columns, keys or partitions", maxItems)
			}
		}
	}
}
