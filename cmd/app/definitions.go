package app

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"binmend/schema/changes"
	"binmend/schema/track"
)

func schemaAtFlag() cli.Flag {
	return &cli.StringFlag{Name: "schema-at", DefaultText: "what fits", Usage: "the files are from `WHEN`: start or end"}
}

// schemaAt reads --schema-at.
func schemaAt(c *cli.Context) (track.At, error) {
	when, given := c.String("schema-at"), c.IsSet("schema-at")
	switch {
	case !given:
		return track.Detect, nil
	case len(c.StringSlice("schema")) == 0:
		return track.Detect, &usageError{text: "--schema-at without --schema"}
	case when == "start":
		return track.Start, nil
	case when == "end":
		return track.End, nil
	}
	return track.Detect, &usageError{text: fmt.Sprintf("--schema-at: expected start or end, found %q", when),
		hint: "start: the dump is from before the first event of the logs; end: from after the last"}
}

// definitionsOf loads the --schema files, or else takes the tables of the connected server. A stopped replica has applied
// all DDL before the failing transaction and none after it, so that a dump made of it, and its own tables, fit as they are.
func (r *session) definitionsOf(c *cli.Context, t *target) (*changes.Definitions, error) {
	at, err := schemaAt(c)
	if err != nil {
		return nil, err
	}
	d := &changes.Definitions{At: at, Logs: t.logs, Begin: t.first.Start}
	if len(c.StringSlice("schema")) > 0 {
		d.Files, err = r.loadSchema(c)
	} else if t.server != nil {
		d.Live = t.server.Tables()
	}
	return d, err
}
