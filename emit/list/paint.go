package list

import "github.com/fatih/color"

// Paint colours what people look for in a listing. The zero value colours nothing.
type Paint struct{ head, warn *color.Color }

// NewPaint makes a Paint that colours, or one that does not.
func NewPaint(colored bool) Paint {
	if !colored {
		return Paint{}
	}
	p := Paint{color.New(color.Bold), color.New(color.FgYellow)}
	p.head.EnableColor()
	p.warn.EnableColor()
	return p
}

// heading paints what begins a file or a transaction.
func (p Paint) heading(text string) string { return paint(p.head, text) }

// warning paints what may be wrong.
func (p Paint) warning(text string) string { return paint(p.warn, text) }

func paint(c *color.Color, text string) string {
	if c == nil {
		return text
	}
	return c.Sprint(text)
}

// line paints a whole line with its end.
func (p Paint) line(c *color.Color, line []byte) []byte {
	if c == nil {
		return line
	}
	end := len(line) - 1
	return append([]byte(c.Sprint(string(line[:end]))), line[end])
}
