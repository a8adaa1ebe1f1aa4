package replica

import (
	"encoding/json"
	"html"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// cutJSON reads every JSON value that holds columns, and returns the text without them. Line numbers stay.
func cutJSON(text string) ([]row, string) {
	const mostTries = 2000 // places in which a value may begin; what is none costs up to ten thousand brackets each
	var rows []row
	for at, tries := 0, 0; tries < mostTries; tries++ {
		i := strings.IndexAny(text[at:], "{[")
		if i < 0 {
			break
		}
		at += i
		d := json.NewDecoder(strings.NewReader(text[at:]))
		d.UseNumber()
		var value any
		if d.Decode(&value) != nil {
			skip := strings.IndexByte(text[at:], '\n')
			if skip < 0 {
				break
			}
			at += skip + 1
			continue
		}
		end := at + int(d.InputOffset())
		found := jsonRows(value, 1+strings.Count(text[:at], "\n"))
		if found != nil {
			rows = append(rows, found...)
			text = text[:at] + strings.Repeat("\n", strings.Count(text[at:end], "\n")) + text[end:]
			continue
		}
		if inner := jsonLines(value); inner != "" {
			text = text[:at] + "\n" + inner + "\n" + text[end:]
			end = at + len(inner) + 2
		}
		at = end
	}
	return rows, text
}

// jsonLines is the text that the strings of a value hold, at any depth, each in lines of its own: what loggers and tools of
// automation make of a status or of a line of the error log. "" when there is nothing of the kind.
func jsonLines(value any) string {
	var all []string
	tells := false
	var collect func(value any)
	collect = func(value any) {
		switch v := value.(type) {
		case string:
			all = append(all, v)
			tells = tells || bare.MatchString(v) || logged.MatchString(v) || slices.ContainsFunc(strings.Split(v, "\n"), func(line string) bool { return namePlace(line) >= 0 })
		case []any:
			for _, element := range v {
				collect(element)
			}
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(v)) {
				collect(v[name])
			}
		}
	}
	if collect(value); !tells {
		return ""
	}
	return strings.Join(all, "\n")
}

// jsonRows are the rows in a value: each object that has columns for keys, at any depth.
func jsonRows(value any, line int) (rows []row) {
	switch v := value.(type) {
	case []any:
		for _, element := range v {
			rows = append(rows, jsonRows(element, line)...)
		}
	case map[string]any:
		r := row{line: line, cells: map[string]cell{}}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			text, ok := jsonText(v[name])
			if !ok {
				rows = append(rows, jsonRows(v[name], line)...)
			} else if shape, _ := columnShapeOf(name); shape != unknownColumn {
				if r.put(line, name, text) != nil {
					return nil // the same column in two spellings
				}
			}
		}
		if len(r.cells) > 0 {
			rows = append(rows, r)
		}
	}
	return rows
}

func jsonText(value any) (text string, ok bool) {
	switch v := value.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		if v {
			return "1", true
		}
		return "0", true
	}
	return "", false
}

var (
	markupRow = regexp.MustCompile(`(?is)<(row|record|tr)\b[^>]*>(.*?)</(?:row|record|tr)\s*>`)
	xmlField  = regexp.MustCompile(`(?is)<(?:field|column)\s[^>]*?\bname\s*=\s*["']([^"']*)["'][^>]*?(?:/>|>(.*?)</(?:field|column)\s*>)`)
	xmlNamed  = regexp.MustCompile(`(?s)<([A-Za-z@][\w@()]*)(?:\s[^>]*)?>([^<]*)</([A-Za-z@][\w@()]*)\s*>`)
	htmlCell  = regexp.MustCompile(`(?is)<t[hd]\b[^>]*>(.*?)</t[hd]\s*>`)
	anyTag    = regexp.MustCompile(`(?s)<[/!?]?[A-Za-z][^<>]*>`)
	page      = regexp.MustCompile(`(?i)<(?:html|body|pre|code|br|div|dl|ul|span)\b[^>]*>`)
	lineBreak = regexp.MustCompile(`(?i)<(?:br|/p|/div|/li|/tr|/dd)\b[^>]*>`)
	termEnd   = regexp.MustCompile(`(?i)</dt\b[^>]*>`)
)

// cutMarkup reads the rows of XML and of HTML tables, and returns the text without them. Line numbers stay.
func cutMarkup(text string) ([]row, string) {
	var rows []row
	var names []string // of the columns, in HTML
	var transposed *row
	rest := markupRow.ReplaceAllStringFunc(text, func(whole string) string {
		line := 1 // rows of one table are told apart by their order
		m := markupRow.FindStringSubmatch(whole)
		if strings.EqualFold(m[1], "tr") {
			cells := htmlCells(m[2])
			switch {
			case countKnown(cells) > 1 || len(cells) == 1 && countKnown(cells) == 1:
				names, transposed = cells, nil
			case names != nil && len(cells) == len(names):
				if r := newRow(line, names, cells); len(r.cells) > 0 {
					rows = append(rows, r)
				}
			case len(cells) == 2 && countKnown(cells[:1]) == 1:
				if transposed == nil || transposed.has(cells[0]) {
					rows = append(rows, row{line: line, cells: map[string]cell{}})
					transposed = &rows[len(rows)-1]
				}
				_ = transposed.put(line, cells[0], cells[1]) // a name that is there already begins a row
			default:
				return whole
			}
			return strings.Repeat("\n", strings.Count(whole, "\n"))
		}
		r := xmlRow(m[2], line)
		if len(r.cells) == 0 {
			return whole
		}
		rows = append(rows, r)
		return strings.Repeat("\n", strings.Count(whole, "\n"))
	})
	return rows, rest
}

func xmlRow(body string, line int) row {
	r := row{line: line, cells: map[string]cell{}}
	for _, m := range xmlField.FindAllStringSubmatch(body, -1) {
		_ = r.put(line, html.UnescapeString(m[1]), html.UnescapeString(m[2]))
	}
	if len(r.cells) > 0 {
		return r
	}
	for _, m := range xmlNamed.FindAllStringSubmatch(body, -1) {
		if shape, _ := columnShapeOf(m[1]); shape != unknownColumn && m[1] == m[3] {
			_ = r.put(line, m[1], html.UnescapeString(m[2]))
		}
	}
	return r
}

func htmlCells(body string) (cells []string) {
	for _, m := range htmlCell.FindAllStringSubmatch(body, -1) {
		text := html.UnescapeString(anyTag.ReplaceAllString(lineBreak.ReplaceAllString(m[1], "\n"), ""))
		cells = append(cells, strings.TrimSpace(strings.ReplaceAll(text, "\u00a0", " ")))
	}
	return cells
}

func countKnown(names []string) (n int) {
	for _, name := range names {
		if shape, _ := columnShapeOf(name); shape != unknownColumn {
			n++
		}
	}
	return n
}

// cutTags makes plain text of a page that shows a status as text.
func cutTags(text string) string {
	if !anyTag.MatchString(text) {
		return text
	}
	text = termEnd.ReplaceAllString(text, ": ")
	text = anyTag.ReplaceAllString(lineBreak.ReplaceAllString(text, "\n"), "")
	return strings.ReplaceAll(html.UnescapeString(text), "\u00a0", " ")
}
