package app

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"binmend/decoder/walk"
)

func forceFlag() cli.Flag {
	return &cli.BoolFlag{Name: "force", Usage: "go on behind damage", DisableDefaultText: true}
}

// skipped reports on standard error what --force passed over.
func (r *session) skipped(s walk.Skip) {
	r.gaps++
	follows := fmt.Sprintf("reading goes on at %d", s.Next)
	if s.Last {
		follows = "no event follows in this file"
	}
	at := s.Damage.Pos
	fmt.Fprintf(r.Err, "binmend: %s: %s\n%s: passed over %d bytes from %d on; %s\n", r.command.Name, printable(s.Damage.Error()),
		printable(at.File), s.Next-at.Offset, at.Offset, follows)
}
