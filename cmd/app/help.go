package app

import (
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/urfave/cli/v2"

	"binmend/cmd/arguments"
	"binmend/emit/control"
	"binmend/emit/display"
)

// The help texts are templates of urfave/cli.
const appHelp = `{{.Name}}: {{.Usage}}

usage: binmend COMMAND [flags] FILE...

{{range .VisibleCommands}}  {{.Name}}{{"\t"}}{{.Usage}}
{{end}}
The replica has stopped with 1062 or 1032. On its own host:
  binmend fix -S /run/mysqld/mysqld.sock -u root > fix.sql
Elsewhere, with files:
  mysql -E -e 'SHOW REPLICA STATUS' > status.txt
  mysqldump --no-data --all-databases > schema.sql
  binmend fix --status status.txt --schema schema.sql relay-bin.000002 > fix.sql
  less fix.sql
  mysql < fix.sql

binmend never writes to a server: it prints SQL for you to review.
binmend help COMMAND explains a command, with examples.
Exit codes: 0 done, 1 done with findings, 2 failed and the output is incomplete,
64 wrong usage, 130 interrupted.
`

const commandHelp = `{{.HelpName}}: {{.Usage}}

{{usage .HelpName .ArgsUsage}}

{{fill .Description}}{{if .VisibleFlags}}
flags:
{{range .VisibleFlags}}{{describe .}}{{end}}{{end}}`

func init() {
	cli.HelpPrinter = func(out io.Writer, template string, data any) {
		cli.HelpPrinterCustom(out, template, data, map[string]any{"usage": usage, "fill": func(text string) string { return display.Fill(text, helpWidth) }, "describe": describeFlag})
	}
}

// The columns of a help text: the narrowest terminal that it fits, and where the explanation of a flag begins.
const (
	helpWidth = 80
	flagWidth = 28
)

// usage is how a command is called; what does not fit goes on under it.
func usage(name, arguments string) string {
	lines := display.Wrap("usage: "+name+" "+arguments, helpWidth-2)
	return strings.Join(lines, "\n  ")
}

// repeated is how cli shows that a flag may be given again; the explanations say it.
var repeated = regexp.MustCompile(` \[ --[^\]]*\]`)

// describeFlag is a flag's names and explanation; names that are too long for their column have a line of their own.
func describeFlag(f cli.Flag) string {
	names, text, _ := strings.Cut(repeated.ReplaceAllString(cli.FlagStringer(f), ""), "\t")
	if _, ok := f.(attachedFlag); ok {
		names = strings.ReplaceAll(names, " value", "")
	}
	lead := fmt.Sprintf("  %-*s", flagWidth-2, names)
	var b strings.Builder
	if len(names) > flagWidth-4 {
		fmt.Fprintln(&b, "  "+names)
		lead = strings.Repeat(" ", flagWidth)
	}
	for _, line := range display.Wrap(text, helpWidth-flagWidth) {
		fmt.Fprintln(&b, lead+line)
		lead = strings.Repeat(" ", flagWidth)
	}
	return b.String()
}

func (r *session) helpCommand() *cli.Command {
	return &cli.Command{
		Name:        "help",
		Usage:       "explain a command; skip: ways past a transaction; grants",
		ArgsUsage:   "[COMMAND | skip | grants]",
		Description: "  binmend help fix\n  binmend help skip\n  binmend help grants",
		Action: action(func() error {
			if len(r.files) == 0 {
				cli.HelpPrinter(r.app.Writer, appHelp, r.app)
				return nil
			}
			name := r.files[0]
			if topic := control.Topics[name]; topic != nil {
				_, err := io.WriteString(r.app.Writer, display.Fill(topic(), helpWidth))
				return err
			}
			names := []string{"skip", "grants"}
			for _, cmd := range r.app.Commands {
				if cmd.HasName(name) {
					cli.HelpPrinter(r.app.Writer, commandHelp, cmd)
					return nil
				}
				names = append(names, cmd.Name)
			}
			return asUsage(arguments.UnknownCommand(name, names))
		}),
	}
}
