package track

import (
	"fmt"
	"slices"
	"strings"
)

// history is the statements that were applied to a table: the first few, the last, and how many there are.
type history struct {
	first []Statement
	last  Statement
	n     int
}

// maxFirst is how many of the first statements are kept.
const maxFirst = 3

// with is the history after one more statement.
func (h history) with(s Statement) history {
	if h.n < maxFirst {
		h.first = append(slices.Clip(h.first), s)
	}
	h.last = s
	h.n++
	return h
}

// historyOf is the history of statements that are still to come.
func historyOf(list []foreseen) history {
	var h history
	for _, f := range list {
		h = h.with(f.Statement)
	}
	return h
}

func (h history) String() string {
	var names []string
	for _, s := range h.first {
		names = append(names, s.String())
	}
	if more := h.n - len(h.first); more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return strings.Join(names, ", ")
}
