package manual

import (
	"fmt"
	"strings"
)

// Page is a man page.
type Page struct {
	Name string // of its file, as binmend-fix.1
	Text string
}

// Source is what the foot of a man page names: the release, and its day as YYYY-MM-DD.
type Source struct{ Release, Day string }

// Pages are the program's man pages: one for the program and one for each command (section 1), one for each topic (section 7).
func (p Program) Pages(from Source) []Page {
	pages := []Page{p.page(from)}
	for _, c := range p.Commands {
		pages = append(pages, p.commandPage(c, from))
	}
	for _, t := range p.Topics {
		w := newPage(p.Name+"-"+t.Name, 7, t.Usage, from)
		w.heading("DESCRIPTION")
		w.text(t.Text)
		w.seeAlso(p.Name + "(1)")
		pages = append(pages, w.page())
	}
	return pages
}

func (p Program) page(from Source) Page {
	w := newPage(p.Name, 1, p.Usage, from)
	w.heading("SYNOPSIS")
	w.line(".B " + escape(p.Name))
	w.line(escape("COMMAND [flags] FILE..."))
	w.heading("DESCRIPTION")
	w.text(p.Text)
	w.heading("COMMANDS")
	for _, c := range p.Commands {
		w.item(fmt.Sprintf("%s-%s(1)", p.Name, c.Name), c.Usage)
	}
	w.flags(p.Flags)
	w.heading("TOPICS")
	for _, t := range p.Topics {
		w.item(fmt.Sprintf("%s-%s(7)", p.Name, t.Name), t.Usage)
	}
	w.heading("EXIT STATUS")
	w.codes(p.Codes)
	return w.page()
}

func (p Program) commandPage(c Command, from Source) Page {
	w := newPage(p.Name+"-"+c.Name, 1, c.Usage, from)
	shown, text := examples(c.Text)
	w.heading("SYNOPSIS")
	w.line(".B " + escape(p.Name+" "+c.Name))
	w.line(escape(c.Arguments))
	if text != "" {
		w.heading("DESCRIPTION")
		w.text(text)
	}
	w.flags(c.Flags)
	if shown != "" {
		w.heading("EXAMPLES")
		w.text(shown)
	}
	w.heading("EXIT STATUS")
	w.codes(p.Codes)
	w.seeAlso(p.Name+"(1)", p.Name+"-exit(7)")
	return w.page()
}

// pageWriter writes a page in the man macros of troff.
type pageWriter struct {
	strings.Builder
	name string
}

func newPage(name string, section int, usage string, from Source) *pageWriter {
	w := &pageWriter{name: fmt.Sprintf("%s.%d", name, section)}
	w.line(fmt.Sprintf(`.TH %s %d %s "%s" "binmend"`, strings.ToUpper(name), section, from.Day, escape(from.Release)))
	w.line(".nh\n.ad l") // no hyphenation, no justification: flags and examples stay as they are
	w.heading("NAME")
	w.line(escape(name) + ` \- ` + escape(usage))
	return w
}

func (w *pageWriter) page() Page { return Page{w.name, w.String()} }

func (w *pageWriter) line(s string) { w.WriteString(s + "\n") }

func (w *pageWriter) heading(s string) { w.line(".SH " + s) }

// item writes a name and its explanation.
func (w *pageWriter) item(name, text string) {
	w.line(".TP\n.B " + escape(name))
	w.line(escape(text))
}

func (w *pageWriter) flags(flags []Flag) {
	if len(flags) == 0 {
		return
	}
	w.heading("OPTIONS")
	for _, f := range flags {
		w.item(strings.Join(f.withValues(), ", "), f.Text)
	}
}

func (w *pageWriter) codes(codes []ExitCode) {
	for _, c := range codes {
		w.item(fmt.Sprint(c.Code), c.Meaning)
	}
}

func (w *pageWriter) seeAlso(names ...string) {
	w.heading("SEE ALSO")
	w.line(".BR " + escape(strings.Join(names, ", ")))
}

// text writes paragraphs. Lines that begin with a blank stay as they are.
func (w *pageWriter) text(text string) {
	kept := false
	for line := range strings.SplitSeq(strings.Trim(text, "\n"), "\n") {
		switch keep := strings.HasPrefix(line, " "); {
		case line == "":
			w.line(".sp")
			continue
		case keep && !kept:
			w.line(".nf")
			kept = true
		case !keep && kept:
			w.line(".fi")
			kept = false
		}
		w.line(escape(line))
	}
	if kept {
		w.line(".fi")
	}
}

var troff = strings.NewReplacer(`\`, `\e`, `-`, `\-`, `'`, `\(aq`, "`", "\\(ga", `~`, `\(ti`, `^`, `\(ha`, `"`, `\(dq`)

// escape escapes a line so that troff prints it unchanged.
func escape(s string) string {
	s = troff.Replace(s)
	if strings.HasPrefix(s, ".") {
		s = `\&` + s
	}
	return s
}
