package app

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"binmend/cmd/version"
)

func (r *session) versionCommand() *cli.Command {
	var asJSON bool
	return &cli.Command{
		Name:  "version",
		Usage: "print the version",
		Flags: []cli.Flag{&cli.BoolFlag{Name: "json", Destination: &asJSON, Usage: "print one JSON object", DisableDefaultText: true}},
		Action: action(func() error {
			if asJSON {
				return version.Read().WriteJSON(r.out)
			}
			return r.printVersion()
		}),
	}
}

func (r *session) printVersion() error {
	_, err := fmt.Fprintln(r.out, version.Read())
	return err
}
