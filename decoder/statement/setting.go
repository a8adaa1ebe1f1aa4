package statement

import (
	"bytes"
	"regexp"
)

// HasOwnMode reports whether a statement may mean something else than it says: MariaDB's SET STATEMENT gave it an sql_mode, which is logged as
// the one that it ran under, while the source had read its text under that of its session, which the log does not have.
func (s Statement) HasOwnMode(sql []byte) bool {
	return s.Body > 0 && bytes.ContainsAny(sql, "|\"\\") && setsMode.Match(sql[:s.Body])
}

var setsMode = regexp.MustCompile(`(?i)\bSQL_MODE\s*=`)

// WithoutLogging is a statement without the settings of a SET STATEMENT … FOR that say only how the source logs it. A server refuses
// them inside a transaction (errors 1679 and 1685), and in the log each change of rows stands in one.
func WithoutLogging(sql []byte, context Context) []byte {
	if Classify(sql, context).Body == 0 {
		return sql
	}
	c := classifier{Scanner: NewScanner(sql, context)}
	c.advance()
	if !c.accept("SET") || !c.accept("STATEMENT") {
		return sql
	}
	first := c.token.Start
	var kept [][]byte
	dropped := false
	for c.token.Kind != End {
		logs, start := c.saysHowToLog(), c.token.Start
		end := c.toSettingEnd()
		if dropped = dropped || logs; !logs {
			kept = append(kept, sql[start:end])
		}
		if c.accept("FOR") {
			break
		}
		c.advance()
	}
	switch {
	case !dropped:
		return sql
	case kept == nil:
		return WithoutLogging(sql[c.token.Start:], context)
	}
	text := append(bytes.Clone(sql[:first]), bytes.Join(kept, []byte(", "))...)
	return append(append(text, " FOR "...), WithoutLogging(sql[c.token.Start:], context)...)
}

func (c *classifier) saysHowToLog() bool {
	name, _ := c.Name(c.token)
	return bytes.EqualFold(name, []byte("binlog_format")) || bytes.EqualFold(name, []byte("binlog_direct_non_transactional_updates"))
}

// toSettingEnd goes on to the comma or the FOR after a setting, and returns where the setting ends.
func (c *classifier) toSettingEnd() int {
	end := c.token.End
	for depth := 0; c.token.Kind != End; c.advance() {
		if depth += c.depth(); depth == 0 && (c.sees("FOR") || c.IsOperator(c.token, ",")) {
			break
		}
		end = c.token.End
	}
	return end
}
