package gtid

import (
	"fmt"
	"strings"
)

// ParseSet reads the text of a set of MySQL GTIDs, as in @@gtid_executed and SHOW REPLICA STATUS:
//
//	set      = [source] {"," [source]}
//	source   = uuid {":" (tag | interval)}
//	interval = number ["-" number]
//
// Blanks and newlines may stand between any two parts. A tag holds for the intervals up to the next tag (MySQL source:
// Gtid_set::add_gtid_text). It refuses an interval that ends before it starts, such as `5-3`, which the server ignores.
func ParseSet(text string) (*Set, error) {
	var c collector
	for sourceText := range strings.SplitSeq(text, ",") {
		if strings.TrimSpace(sourceText) == "" {
			continue
		}
		if err := parseSource(&c, sourceText); err != nil {
			return nil, fmt.Errorf("GTID set %s: %w", quote(text), err)
		}
	}
	return c.set(), nil
}

func parseSource(c *collector, text string) error {
	uuidText, rest, more := strings.Cut(text, ":")
	uuid, err := ParseUUID(strings.TrimSpace(uuidText))
	if err != nil {
		return err
	}
	tsid := TSID{UUID: uuid}
	for more {
		var part string
		part, rest, more = strings.Cut(rest, ":")
		part = strings.TrimSpace(part)
		if part != "" && isLetter(part[0]) {
			if tsid.Tag, err = ParseTag(part); err != nil {
				return err
			}
			continue
		}
		iv, err := parseInterval(part)
		if err != nil {
			return err
		}
		c.addInterval(tsid, iv)
	}
	return nil
}

func parseInterval(text string) (Interval, error) {
	firstText, lastText, isRange := strings.Cut(text, "-")
	first, err := parseGNO(strings.TrimSpace(firstText))
	if err != nil || !isRange {
		return Interval{first, first}, err
	}
	last, err := parseGNO(strings.TrimSpace(lastText))
	if err == nil && last < first {
		err = fmt.Errorf("interval %s ends before it starts", quote(text))
	}
	return Interval{first, last}, err
}
