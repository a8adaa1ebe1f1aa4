package replica

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// joinBoxes puts together the lines of a box that a terminal wrapped: its border tells how many lines each of them fills. Blanks at
// their ends, which mail cuts off, are put back up to a bound: a wide border above short lines would make gigabytes of them.
func joinBoxes(lines []string) {
	left := 4 << 20 // blanks that may still be put back
	for i := 0; i < len(lines); i++ {
		if !strings.HasPrefix(lines[i], "+-") {
			continue
		}
		height := 1
		for continuesBorder(lines, i+height-1) {
			height++
		}
		if height == 1 {
			continue
		}
		width := utf8.RuneCountInString(lines[i])
		for i+height <= len(lines) && (strings.HasPrefix(lines[i], "+-") || strings.HasPrefix(lines[i], "|")) {
			if left -= joinLines(lines[i:i+height], width, left); left < 0 {
				return
			}
			i += height
		}
	}
}

// joinLines puts lines to the end of the first of them, each but the last filled up with blanks to a width, and returns how many blanks
// that took: it stops where that is more than most.
func joinLines(lines []string, width, most int) (blanks int) {
	var whole strings.Builder
	whole.WriteString(lines[0])
	n := utf8.RuneCountInString(lines[0])
	for j := 1; j < len(lines); j++ {
		if short := width*j - n; short > 0 {
			if blanks += short; blanks > most {
				return blanks
			}
			whole.WriteString(strings.Repeat(" ", short))
			n += short
		}
		whole.WriteString(lines[j])
		n += utf8.RuneCountInString(lines[j])
	}
	lines[0] = whole.String()
	for j := range lines[1:] {
		lines[1+j] = joined
	}
	return blanks
}

// joined stands for a line that was put to the end of one before.
const joined = "\x00"

var onlyBorder = regexp.MustCompile(`^[-+]+$`)

// continuesBorder reports whether the line after a border is a part of the same one, and not the border of the next box.
func continuesBorder(lines []string, i int) bool {
	return i+1 < len(lines) && onlyBorder.MatchString(lines[i+1]) && !(strings.HasSuffix(lines[i], "+") && strings.HasPrefix(lines[i+1], "+"))
}
