package app

import (
	"io"
	"regexp"
	"strings"

	"github.com/urfave/cli/v2"

	"binmend/cmd/arguments"
	"binmend/cmd/manual"
)

func init() {
	cli.HelpPrinter = func(out io.Writer, _ string, data any) {
		name := ""
		if c, ok := data.(*cli.Command); ok {
			name = c.Name
		}
		text, _, _ := Manual().Help(name)
		io.WriteString(out, text) // the output keeps its error
	}
}

// Manual describes the program for its help, its man pages and the completion of its command lines.
func Manual() manual.Program {
	app := (&session{}).newApp()
	p := manual.Program{Name: app.Name, Usage: app.Usage, Text: manual.Overview(), Flags: describe(app.Flags), Codes: exitCodes, Topics: manual.Topics(exitCodes)}
	for _, c := range app.Commands {
		p.Commands = append(p.Commands, manual.Command{Name: c.Name, Usage: c.Usage, Arguments: c.ArgsUsage, Text: manual.Text(c.Name), Flags: describe(c.Flags)})
	}
	return p
}

// repeated is how cli shows that a flag may be given again; the texts say it.
var repeated = regexp.MustCompile(` \[ --[^\]]*\]`)

func describe(flags []cli.Flag) (all []manual.Flag) {
	for _, f := range flags {
		names, text, _ := strings.Cut(repeated.ReplaceAllString(cli.FlagStringer(f), ""), "\t")
		d := manual.Flag{Text: text}
		for name := range strings.SplitSeq(names, ", ") {
			name, d.Value, _ = strings.Cut(name, " ")
			d.Names = append(d.Names, name)
		}
		if _, ok := f.(attachedFlag); ok {
			d.Value = ""
		}
		all = append(all, d)
	}
	return all
}

func (r *session) helpCommand() *cli.Command {
	var asJSON bool
	return &cli.Command{
		Name:      "help",
		Usage:     "explain a command or a topic",
		ArgsUsage: "[COMMAND|TOPIC]",
		Flags:     []cli.Flag{jsonFlag(&asJSON, "print flags, texts and exit codes as one JSON object")},
		Action: action(func() error {
			name := strings.Join(r.files, " ")
			text, names, ok := Manual().Help(name)
			if !ok {
				return asUsage(arguments.UnknownCommand(name, names))
			}
			if asJSON {
				return Manual().WriteJSON(r.jsonOut(), name)
			}
			_, err := io.WriteString(r.out, text)
			return err
		}),
	}
}
