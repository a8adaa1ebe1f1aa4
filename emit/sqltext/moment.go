package sqltext

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"binmend/decoder"
	"binmend/schema"
)

// The text of a TIMESTAMP depends on time_zone, and MySQL 8.0 refuses dates that sql_mode does not allow even in comparisons. So
// comparisons with dates are written in a form that does not depend on the session's settings.

// appendMoment appends the comparison of a date or time column with a value, given as the text of its literal, so that
// it means the same in every session.
func (d Dialect) appendMoment(dst []byte, c *schema.Column, operator, text string) ([]byte, error) {
	switch {
	case c.Type == schema.TypeTimestamp:
		return d.appendTimestamp(dst, c, operator, text)
	case isCalendarDate(text):
		dst = append(d.AppendIdent(dst, c.Name), operator...)
	default:
		dst = d.AppendIdent(append(dst, "CAST("...), c.Name)
		dst = append(append(dst, " AS CHAR)"...), operator...)
	}
	return append(append(append(dst, '\''), text...), '\''), nil
}

// checkReadable refuses a value that an expression can't be given in every session.
func (d Dialect) checkReadable(c *schema.Column, v decoder.Cell) error {
	if !d.reading || !c.Type.IsDated() || v.State() != decoder.Value {
		return nil
	}
	text, err := v.AppendText(nil)
	if err == nil && (c.Type == schema.TypeTimestamp || !isCalendarDate(string(text))) {
		err = fmt.Errorf("what column %s holds depends on the session's settings", c.Name)
	}
	return err
}

// isCalendarDate reports whether the text begins with a date that every sql_mode takes.
func isCalendarDate(text string) bool {
	_, err := time.Parse(time.DateOnly, text[:min(len(text), len(time.DateOnly))])
	return err == nil && !strings.HasPrefix(text, "0000")
}

// appendTimestamp compares seconds since 1970, which is what the column stores. An equality also gives a range of the
// column itself, wider than any change of daylight saving time, which an index can serve.
func (d Dialect) appendTimestamp(dst []byte, c *schema.Column, operator, text string) ([]byte, error) {
	seconds, fraction, err := unixTime(text)
	if err != nil {
		return dst, fmt.Errorf("column %s: %w", c.Name, err)
	}
	const margin, last32 = 3 * 3600, 1<<31 - 1
	if strings.TrimSpace(operator) == "=" && seconds > 0 && seconds+margin <= last32 {
		dst = append(d.AppendIdent(dst, c.Name), " BETWEEN FROM_UNIXTIME("...)
		dst = strconv.AppendInt(dst, max(1, seconds-margin), 10)
		dst = strconv.AppendInt(append(dst, ") AND FROM_UNIXTIME("...), seconds+margin, 10)
		dst = append(dst, ") AND "...)
	}
	dst = d.AppendIdent(append(dst, "UNIX_TIMESTAMP("...), c.Name)
	dst = strconv.AppendInt(append(append(dst, ')'), operator...), seconds, 10)
	return append(dst, fraction...), nil
}

const zeroDatetime = "0000-00-00 00:00:00"

// unixTime reads a TIMESTAMP's text in UTC: seconds since 1970, 0 for the zero value, and the fraction with its point.
func unixTime(text string) (seconds int64, fraction string, err error) {
	whole, digits, _ := strings.Cut(text, ".")
	if digits != "" {
		fraction = "." + digits
	}
	if whole == zeroDatetime {
		return 0, fraction, nil
	}
	moment, err := time.Parse(time.DateTime, whole)
	return moment.Unix(), fraction, err
}
