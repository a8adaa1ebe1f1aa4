package app

import (
	"slices"

	"github.com/urfave/cli/v2"

	"binmend/emit/list"
)

func (r *session) eventsCommand() *cli.Command {
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

With --force it goes on behind damage, at the next event that its checksum
proves, says what it passed over, and ends with exit code 1.

--where lists the row events that have such a row, and needs the tables'
definitions: from --schema, a server, CREATE TABLE in the logs, or
binlog_row_metadata=FULL. Without it they are needed only to count rows of old
logs that do not tell how long values are: MySQL before 5.1.18, and MariaDB's
TIME, DATETIME and TIMESTAMP in the formats of before 10.1.`,
		Flags: slices.Concat([]cli.Flag{
			&cli.BoolFlag{Name: "transactions", Usage: "one line for each transaction instead of each event", DisableDefaultText: true},
			&cli.BoolFlag{Name: "json", Usage: "print JSON, one object a line", DisableDefaultText: true},
			forceFlag(),
		}, changeFlags()),
		Action: r.events,
	}
}

func (r *session) events(c *cli.Context) error {
	o := list.Options{Transactions: c.Bool("transactions"), JSON: c.Bool("json")}
	var err error
	if o.Range, err = r.orderedRange(c); err != nil {
		return err
	}
	opened := &changeStream{}
	defer opened.Close()
	if o.Definitions, err = r.tablesOf(c, o.Range, opened); err != nil {
		return err
	}
	if o.Where, err = conditionOf(c); err != nil {
		return err
	}
	if o.Filter, err = r.filterFor(c, o.Range); err != nil {
		return err
	}
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
