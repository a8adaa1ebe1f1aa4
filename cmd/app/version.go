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
		Flags: []cli.Flag{jsonFlag(&asJSON, "print one JSON object")},
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
