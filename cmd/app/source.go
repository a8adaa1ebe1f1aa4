package app

import (
	"slices"

	"github.com/urfave/cli/v2"

	"binmend/schema/live"
	"binmend/schema/live/optionfile"
)

// sourceGroup is the group of an option file that has the options of a connection to the source.
const sourceGroup = "binmend-source"

// sourceFlags reach the replica's source. They are those of a connection with a prefix, without short names.
func sourceFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "source-host", Usage: "what is not at hand comes from the source on `HOST`"},
		&cli.StringFlag{Name: "source-port", Usage: "connect to the source's port `N`"},
		&cli.StringFlag{Name: "source-socket", Usage: "connect to the source through socket `FILE`"},
		&cli.StringFlag{Name: "source-user", Usage: "connect to the source as `USER`"},
		attachedFlag{&cli.StringFlag{Name: "source-password", Usage: "without a value it asks for the source's password"}},
		&cli.StringFlag{Name: "source-defaults-group", DefaultText: sourceGroup, Usage: "the source's group `NAME`"},
		&cli.StringFlag{Name: "source-ssl-mode", Usage: "TLS to the source: DISABLED, REQUIRED … is the `MODE`", DefaultText: "PREFERRED"},
		&cli.StringFlag{Name: "source-ssl-ca", Usage: "`FILE` with the authorities that sign the source's certificate"},
		&cli.StringFlag{Name: "source-ssl-cert", Usage: "`FILE` with the client's certificate for the source"},
		&cli.StringFlag{Name: "source-ssl-key", Usage: "`FILE` with the client's key for the source"},
		&cli.BoolFlag{Name: "source-" + cleartextOption, Usage: "let a source whose certificate is verified ask for the password as it is"},
	}
}

const sourcePrefix = "source-"

// connectSource opens the connection to the source that the command line asks for; nil when it asks for none.
func (r *session) connectSource(c *cli.Context) (*live.Server, error) {
	options, ok, err := r.sourceOptions(c)
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
func (r *session) sourceOptions(c *cli.Context) (o live.Options, ok bool, err error) {
	given := func(name string) bool { return c.IsSet(sourcePrefix + name) }
	if !slices.ContainsFunc([]string{"host", "socket", "port", "defaults-group"}, given) {
		if i := slices.IndexFunc(connectionOptions, given); i >= 0 {
			return o, false, &usageError{text: "--" + sourcePrefix + connectionOptions[i] + " without --source-host"}
		}
		return o, false, nil
	}
	group := sourceGroup
	if given("defaults-group") {
		group = c.String(sourcePrefix + "defaults-group")
	}
	err = r.readOptionFiles(optionGroups{file: c.String("defaults-file"), own: group}, func(option optionfile.Option) error {
		if option.Group != group && slices.Contains([]string{"host", "socket", "port"}, option.Name) {
			return nil
		}
		return setFileOption(&o, option)
	})
	if err != nil {
		return o, false, err
	}
	if given("host") {
		o.Socket = ""
	}
	if err := setFlags(c, &o, sourcePrefix); err != nil {
		return o, false, err
	}
	if o.Password == bareValue {
		o.Password, err = r.AskPassword("Enter password for the source: ")
	}
	return o, true, err
}
