package app

import (
	"fmt"

	"github.com/urfave/cli/v2"

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
