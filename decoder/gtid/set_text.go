package gtid

import (
	"fmt"
	"strconv"
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

// AppendText appends the set as @@gtid_executed shows it: a UUID once, with its untagged intervals and then each tag's,
// and a comma and newline between UUIDs (MySQL source: Gtid_set::to_string).
func (s *Set) AppendText(dst []byte) []byte {
	for i := range s.sources {
		dst = s.appendSourceText(dst, i)
	}
	return dst
}

func (s *Set) appendSourceText(dst []byte, i int) []byte {
	src := &s.sources[i]
	tsid := s.tsid(src)
	switch {
	case i == 0:
		dst = tsid.AppendText(dst)
	case src.uuid == s.sources[i-1].uuid:
		dst = append(dst, ':')
		dst = tsid.Tag.AppendText(dst)
	default:
		dst = append(dst, ",\n"...)
		dst = tsid.AppendText(dst)
	}
	for _, iv := range s.list(src) {
		dst = append(dst, ':')
		dst = strconv.AppendUint(dst, iv.First, 10)
		if iv.Last > iv.First {
			dst = append(dst, '-')
			dst = strconv.AppendUint(dst, iv.Last, 10)
		}
	}
	return dst
}

func (s *Set) String() string { return string(s.AppendText(nil)) }

// Brief is the text of the set for a message: of a long one the beginning, and how many more there are.
func (s *Set) Brief() string {
	const longest, intervals = 2000, 50
	first := &Set{}
	var text []byte
	for tsid, list := range s.Intervals {
		if len(text) > longest {
			return fmt.Sprintf("%s and those of %d more UUIDs and tags", text, len(s.sources)-len(first.sources))
		}
		whole := len(list)
		list = list[:min(whole, intervals)]
		first.appendSource(tsid, list)
		text = first.appendSourceText(text, len(first.sources)-1)
		if len(list) < whole {
			text = fmt.Appendf(text, " (and %d more intervals)", whole-len(list))
		}
	}
	return string(text)
}
