package app

import (
	"slices"

	"github.com/urfave/cli/v2"

	"binmend/schema/live"
)

// sourceGroup is the option file group for the connection to the source.
const sourceGroup = "binmend-source"

const sourcePrefix = "source-"

// sourceFlags reach the replica's source. They are the connection flags with a prefix and without short names.
type sourceFlags struct {
	connectionFlags         // names without the prefix
	group           *string // of option files
}

func (f *sourceFlags) flags() []cli.Flag {
	f.Given = map[string]string{}
	option := func(name string, flag *cli.StringFlag) *cli.StringFlag {
		flag.Name, flag.Action = sourcePrefix+name, givenAs(f.Given, name)
		return flag
	}
	return []cli.Flag{
		option("host", &cli.StringFlag{Usage: "read what is missing here from the source on `HOST`"}),
		option("port", &cli.StringFlag{Usage: "connect to the source's port `N`"}),
		option("socket", &cli.StringFlag{Usage: "connect to the source through socket `FILE`"}),
		option("user", &cli.StringFlag{Usage: "connect to the source as `USER`"}),
		attachedFlag{option("password", &cli.StringFlag{Usage: "the source's password; without a value, asks for it"})},
		&cli.StringFlag{Name: "source-defaults-group", DefaultText: sourceGroup, Action: given(&f.group), Usage: "read group `NAME` of the option files for the source"},
		option("ssl-mode", &cli.StringFlag{Usage: "TLS `MODE` to the source", DefaultText: "PREFERRED"}),
		option("ssl-ca", &cli.StringFlag{Usage: "`FILE` with the authorities that sign the source's certificate"}),
		option("ssl-cert", &cli.StringFlag{Usage: "`FILE` with the client's certificate for the source"}),
		option("ssl-key", &cli.StringFlag{Usage: "`FILE` with the client's key for the source"}),
		&cli.BoolFlag{Name: sourcePrefix + live.CleartextPlugin, DisableDefaultText: true, Action: given(&f.Cleartext),
			Usage: "let a source with a verified certificate ask for the password in clear text"},
		&cli.BoolFlag{Name: sourcePrefix + live.ServerPublicKey, DisableDefaultText: true, Action: given(&f.ServerKey),
			Usage: "without TLS, send the password under a key that the source sends"},
	}
}

// connectSource opens the connection to the source that the flags ask for; nil when they ask for none.
func (r *session) connectSource(f *sourceFlags) (*live.Server, error) {
	options, ok, err := r.sourceOptions(f)
	if err != nil || !ok {
		return nil, err
	}
	server, err := r.connectWith(options)
	if err != nil {
		return nil, &sourceConnectionError{err}
	}
	return server, nil
}

// sourceConnectionError: the source can't be reached.
type sourceConnectionError struct{ error }

func (e *sourceConnectionError) Error() string { return "the source: " + e.error.Error() }
func (e *sourceConnectionError) Unwrap() error { return e.error }

// Hint is the advice for a connection, with the names of the source's flags.
func (e *sourceConnectionError) Hint() string {
	return adviceFrom(e.error, sourceAdvice, advice)
}

// sourceOptions are the options of the connection to the source; ok is false when no flag asks for one. The account and TLS
// settings of [client] apply to the source too; its host and socket do not, they are the replica's.
func (r *session) sourceOptions(f *sourceFlags) (o live.Options, ok bool, err error) {
	if !f.NamesServer() && f.group == nil {
		if i := slices.IndexFunc(live.OptionNames, f.Has); i >= 0 {
			return o, false, &usageError{text: "--" + sourcePrefix + live.OptionNames[i] + " without --source-host"}
		}
		return o, false, nil
	}
	line := f.CommandLine
	line.Group, line.Prompt, line.Shared = sourceGroup, "Enter password for the source: ", true
	if f.group != nil {
		line.Group = *f.group
	}
	o, err = r.resolve(line, f.defaultsFile, sourcePrefix)
	return o, true, err
}
