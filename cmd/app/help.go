package app

import (
	"fmt"
	"regexp"

	"github.com/urfave/cli/v2"
)

// The help texts are templates of urfave/cli.
const appHelp = `{{.Name}}: {{.Usage}}

usage: binmend COMMAND [flags] FILE...

{{range .VisibleCommands}}  {{.Name}}{{"\t"}}{{.Usage}}
{{end}}
The replica has stopped with 1062 or 1032. On its own host:
  binmend fix -S /run/mysqld/mysqld.sock -u root > fix.sql
Elsewhere, with files:
  mysql -e 'SHOW REPLICA STATUS\G' > status.txt
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

usage: {{.HelpName}} {{.ArgsUsage}}

{{.Description}}
{{if .VisibleFlags}}
flags:
{{range .VisibleFlags}}  {{.}}
{{end}}{{end}}`

// repeated is how cli shows that a flag may be given again: it makes lines too long for a terminal.
var repeated = regexp.MustCompile(` \[ --[^\]]*\]`)

func init() {
	plain := cli.FlagStringer
	cli.FlagStringer = func(f cli.Flag) string { return repeated.ReplaceAllString(plain(f), "") }
}

func (r *session) helpCommand() *cli.Command {
	return &cli.Command{
		Name:        "help",
		Usage:       "explain a command",
		ArgsUsage:   "[COMMAND]",
		Description: "  binmend help fix",
		Action: func(c *cli.Context) error {
			if !c.Args().Present() {
				return cli.ShowAppHelp(c)
			}
			name := c.Args().First()
			var names []string
			for _, cmd := range r.app.Commands {
				if cmd.HasName(name) {
					cli.HelpPrinter(r.app.Writer, commandHelp, cmd)
					return nil
				}
				names = append(names, cmd.Name)
			}
			return unknownCommand(name, names)
		},
	}
}

// unknownCommand is the error of a word that names no command.
func unknownCommand(word string, names []string) *usageError {
	e := &usageError{text: fmt.Sprintf("unknown command %q", word), hint: "binmend help lists the commands"}
	if near := nearest(word, names); near != "" {
		e.hint = fmt.Sprintf("did you mean %q?", near)
	}
	return e
}

// explainUsage follows a usage error with how it is done right.
func (r *session) explainUsage() {
	if c := r.command; c != nil {
		fmt.Fprintf(r.Err, "usage: binmend %s %s\nbinmend help %s explains the flags\n", c.Name, c.ArgsUsage, c.Name)
		return
	}
	cli.HelpPrinter(r.Err, appHelp, r.app)
}
