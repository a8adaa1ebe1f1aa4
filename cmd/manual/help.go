package manual

import (
	"fmt"
	"strings"

	"binmend/emit/display"
)

// The columns of a help text: the narrowest terminal that it fits, and where the explanation of a flag begins.
const (
	Width     = 80
	flagWidth = 28
)

// Help explains a command or a topic, or the program if name is empty. ok is false for an unknown name; names then lists the
// known ones.
func (p Program) Help(name string) (text string, names []string, ok bool) {
	if name == "" {
		return p.help(), nil, true
	}
	if command, ok := strings.CutPrefix(name, schemaTopic+" "); ok {
		text, ok = Schema(command)
		for _, c := range p.Commands {
			names = append(names, schemaTopic+" "+c.Name)
		}
		return text, names, ok
	}
	if c, ok := p.command(name); ok {
		return c.help(p.Name), nil, true
	}
	if t, ok := p.topic(name); ok {
		return t.help(), nil, true
	}
	return "", p.names(), false
}

func (p Program) help() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n\nusage: %s COMMAND [flags] FILE...\n\n", p.Name, p.Usage, p.Name)
	for _, c := range p.Commands {
		fmt.Fprintf(&b, "  %-9s %s\n", c.Name, c.Usage)
	}
	fmt.Fprintf(&b, "\n%s\n", strings.TrimRight(p.Text, "\n"))
	fmt.Fprintf(&b, "%s help COMMAND explains a command, with examples. %[1]s help TOPIC:\n\n", p.Name)
	for _, t := range p.Topics {
		fmt.Fprintf(&b, "  %-14s %s\n", t.Name, t.Usage)
	}
	b.WriteString("\nExit codes:\n" + codeTable(p.Codes))
	return b.String()
}

func (c Command) help(program string) string {
	var b strings.Builder
	name := program + " " + c.Name
	fmt.Fprintf(&b, "%s: %s\n\n%s\n\n%s", name, c.Usage, SynopsisOf(name, c.Arguments), display.Fill(c.Text, Width))
	if len(c.Flags) > 0 {
		b.WriteString("\nflags:\n")
	}
	for _, f := range c.Flags {
		b.WriteString(f.help())
	}
	return b.String()
}

func (t Topic) help() string { return t.Usage + "\n\n" + display.Fill(t.Text, Width) }

// SynopsisOf is how a command is called; what does not fit goes on under it.
func SynopsisOf(name, arguments string) string {
	return strings.Join(display.Wrap("usage: "+name+" "+arguments, Width-2), "\n  ")
}

// help is a flag's names and explanation. Names too long for their column get a line of their own.
func (f Flag) help() string {
	names := strings.Join(f.withValues(), ", ")
	lead := fmt.Sprintf("  %-*s", flagWidth-2, names)
	var b strings.Builder
	if len(names) > flagWidth-4 {
		fmt.Fprintln(&b, "  "+names)
		lead = strings.Repeat(" ", flagWidth)
	}
	for _, line := range display.Wrap(f.Text, Width-flagWidth) {
		fmt.Fprintln(&b, lead+line)
		lead = strings.Repeat(" ", flagWidth)
	}
	return b.String()
}

// withValues are the flag's names with the placeholder for the value.
func (f Flag) withValues() (all []string) {
	for _, name := range f.Names {
		all = append(all, strings.TrimRight(name+" "+f.Value, " "))
	}
	return all
}
