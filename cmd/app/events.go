package app

import (
	"slices"

	"github.com/urfave/cli/v2"

	"binmend/emit/list"
)

func (r *session) eventsCommand() *cli.Command {
	var o list.Options
	var f changeFlags
	return &cli.Command{
		Name:      "events",
		Usage:     "list what is in a log, with offsets",
		ArgsUsage: "[flags] LOG...",
		Description: `  binmend events relay-bin.000002
  binmend events --transactions relay-bin.000002 relay-bin.000003
  binmend events --start-position 1965 --stop-position 2339 relay-bin.000002
  binmend events --json relay-bin.000002 | jq 'select(.rows > 1000)'
  ssh replica cat /var/lib/mysql/relay-bin.000002 | binmend events -
  binmend events --keyring component_keyring_file binlog.000007
  binmend events --file-key keys.txt mariadb-bin.000007

OFFSET and END are real offsets in the file: use them as --start-position and
--stop-position. SOURCE END is end_log_pos, a position in the source's log, as
error messages name it.

` + filterHelp + `

Encrypted logs are read with copies of the server's key files: --keyring is the
file of component_keyring_file (MySQL), --file-key what
file_key_management_filename names (MariaDB).

With --force it continues after damage, at the next event with a valid
checksum, says what it skipped, and ends with exit code 1.

--where lists the row events that have such a row. It needs the tables'
definitions: from --schema, a server, CREATE TABLE in the logs, or
binlog_row_metadata=FULL. Without --where they are needed only to count rows of
old logs that do not say how long values are: MySQL before 5.1.18, and MariaDB's
TIME, DATETIME and TIMESTAMP in the formats from before 10.1.`,
		Flags: slices.Concat([]cli.Flag{
			&cli.BoolFlag{Name: "transactions", Destination: &o.Transactions, Usage: "one line for each transaction instead of each event", DisableDefaultText: true},
			&cli.BoolFlag{Name: "json", Destination: &o.JSON, Usage: "print JSON, one object a line", DisableDefaultText: true},
			forceFlag(&f.force),
		}, f.flags()),
		Action: action(func() error { return r.events(o, &f) }),
	}
}

func (r *session) events(o list.Options, f *changeFlags) (err error) {
	if o.Range, err = r.orderedRange(&f.logFlags); err != nil {
		return err
	}
	wanted, done, err := r.wantedOf(f, o.Range)
	if err != nil {
		return err
	}
	defer done()
	o.Definitions, o.Where, o.Filter = wanted.Definitions, wanted.Where, wanted.Filter
	outcome, err := list.Events(r.ctx, r.out, o)
	switch {
	case err != nil:
		return err
	case outcome.Account != nil && outcome.Account.IsEmpty():
		return emptyAnswer(outcome.Account)
	case outcome.Unreadable || r.gaps > 0:
		return errReported
	}
	return nil
}
