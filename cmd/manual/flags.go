package manual

import (
	"regexp"
	"strings"

	"github.com/urfave/cli/v2"
)

// Of describes a program by the commands and flags that it reads.
func Of(app *cli.App, text string, codes []ExitCode) Program {
	p := Program{Name: app.Name, Usage: app.Usage, Text: text, Flags: describe(app.Flags), Codes: codes, Topics: Topics(codes)}
	for _, c := range app.Commands {
		p.Commands = append(p.Commands, Command{Name: c.Name, Usage: c.Usage, Arguments: c.ArgsUsage, Text: Text(c.Name), Flags: describe(c.Flags)})
	}
	return p
}

// Attached is a flag whose value can only be attached to its name, as in -pSECRET: it is shown without one.
type Attached interface{ Attached() }

// repeated is how cli shows that a flag may be given again; the explanations say it.
var repeated = regexp.MustCompile(` \[ --[^\]]*\]`)

func describe(flags []cli.Flag) (all []Flag) {
	for _, f := range flags {
		names, text, _ := strings.Cut(repeated.ReplaceAllString(cli.FlagStringer(f), ""), "\t")
		d := Flag{Text: text}
		for name := range strings.SplitSeq(names, ", ") {
			name, d.Value, _ = strings.Cut(name, " ")
			d.Names = append(d.Names, name)
		}
		if _, ok := f.(Attached); ok {
			d.Value = ""
		}
		all = append(all, d)
	}
	return all
}
