package app

import (
	"slices"

	"github.com/urfave/cli/v2"

	"binmend/schema/live"
	"binmend/schema/live/optionfile"
)

// sourceGroup is the group of an option file that has the options of a connection to the source.
const sourceGroup = "binmend-source"

const sourcePrefix = "source-"

// sourceFlags reach the replica's source. They are those of a connection with a prefix, without short names.
type sourceFlags struct {
	connectionFlags         // names without the prefix
	group           *string // of option files
}

func (f *sourceFlags) flags() []cli.Flag {
	f.options = map[string]string{}
	option := func(name string, flag *cli.StringFlag) *cli.StringFlag {
		flag.Name, flag.Action = sourcePrefix+name, givenAs(f.options, name)
		return flag
	}
	return []cli.Flag{
		option("host", &cli.StringFlag{Usage: "what is not at hand comes from the source on `HOST`"}),
		option("port", &cli.StringFlag{Usage: "connect to the source's port `N`"}),
		option("socket", &cli.StringFlag{Usage: "connect to the source through socket `FILE`"}),
		option("user", &cli.StringFlag{Usage: "connect to the source as `USER`"}),
		attachedFlag{option("password", &cli.StringFlag{Usage: "without a value it asks for the source's password"})},
		&cli.StringFlag{Name: "source-defaults-group", DefaultText: sourceGroup, Action: given(&f.group), Usage: "the source's group `NAME`"},
		option("ssl-mode", &cli.StringFlag{Usage: "TLS to the source: DISABLED, REQUIRED … is the `MODE`", DefaultText: "PREFERRED"}),
		option("ssl-ca", &cli.StringFlag{Usage: "`FILE` with the authorities that sign the source's certificate"}),
		option("ssl-cert", &cli.StringFlag{Usage: "`FILE` with the client's certificate for the source"}),
		option("ssl-key", &cli.StringFlag{Usage: "`FILE` with the client's key for the source"}),
		&cli.BoolFlag{Name: sourcePrefix + live.CleartextPlugin, Action: given(&f.cleartext),
			Usage: "let a source whose certificate is verified ask for the password as it is"},
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

// sourceOptions are the options of the connection to the source; ok is false when no flag asks for one. The accounts of
// [client] and its TLS hold for the source as well, its host and socket do not: they are the replica's.
func (r *session) sourceOptions(f *sourceFlags) (o live.Options, ok bool, err error) {
	if !slices.ContainsFunc([]string{"host", "socket", "port"}, f.has) && f.group == nil {
		if i := slices.IndexFunc(live.OptionNames, f.has); i >= 0 {
			return o, false, &usageError{text: "--" + sourcePrefix + live.OptionNames[i] + " without --source-host"}
		}
		return o, false, nil
	}
	group := sourceGroup
	if f.group != nil {
		group = *f.group
	}
	options, err := r.fileOptions(group, f.defaultsFile, nil)
	if err != nil {
		return o, false, err
	}
	options = slices.DeleteFunc(options, func(option optionfile.Option) bool {
		return option.Group != group && slices.Contains([]string{"host", "socket", "port"}, option.Name)
	})
	if err := o.SetFromFiles(options); err != nil {
		return o, false, err
	}
	if f.has("host") {
		o.Socket = ""
	}
	if err := f.setFlags(&o, sourcePrefix); err != nil {
		return o, false, err
	}
	if o.Password == bareValue {
		o.Password, err = r.AskPassword("Enter password for the source: ")
	}
	return o, true, err
}
