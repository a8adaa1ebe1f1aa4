package app

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/urfave/cli/v2"

	"binmend/schema/live"
	"binmend/schema/live/optionfile"
)

// connectionFlags reach a server, under the mysql client's names. A command connects only when one of them is given.
func connectionFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "socket", Aliases: []string{"S"}, Usage: "connect through socket `FILE`"},
		&cli.StringFlag{Name: "host", Aliases: []string{"h"}, Usage: "connect to `HOST`"},
		&cli.StringFlag{Name: "port", Aliases: []string{"P"}, Usage: "connect to port `N`"},
		&cli.StringFlag{Name: "user", Aliases: []string{"u"}, DefaultText: "the account that runs it", Usage: "connect as `USER`"},
		attachedFlag{&cli.StringFlag{Name: "password", Aliases: []string{"p"}, Usage: "with a password: -p asks for it"}},
		&cli.StringFlag{Name: "defaults-file", DefaultText: "~/.my.cnf", Usage: "read [client] and [binmend] of `FILE`"},
		&cli.StringFlag{Name: "ssl-mode", Usage: "TLS: DISABLED, REQUIRED … is the `MODE`", DefaultText: "PREFERRED"},
		&cli.StringFlag{Name: "ssl-ca", Usage: "`FILE` with the authorities that sign the server's certificate"},
		&cli.StringFlag{Name: "ssl-cert", Usage: "`FILE` with the client's certificate"},
		&cli.StringFlag{Name: "ssl-key", Usage: "`FILE` with the client's key"},
	}
}

// connectionOptions are the options of a connection that stand on the command line and in option files.
var connectionOptions = []string{"socket", "host", "port", "user", "password", "ssl-mode", "ssl-ca", "ssl-cert", "ssl-key"}

// connect opens the connection that the command line asks for; nil when it asks for none.
func (r *session) connect(c *cli.Context) (*live.Server, error) {
	wanted := func(name string) bool { return c.IsSet(name) }
	if !slices.ContainsFunc(connectionOptions, wanted) && !c.IsSet("defaults-file") {
		return nil, nil
	}
	options, err := r.connectionOptions(c)
	if err != nil {
		return nil, err
	}
	return r.connectWith(options)
}

// connectWith connects.
func (r *session) connectWith(options live.Options) (*live.Server, error) {
	server, err := live.Connect(r.ctx, options)
	return server, asUsage(err)
}

// asUsage makes options that can't be used a wrong command line.
func asUsage(err error) error {
	var wrong *live.OptionError
	if errors.As(err, &wrong) {
		return &usageError{text: wrong.Text, hint: wrong.Advice}
	}
	return err
}

// connectionOptions are those of the command line, of the option file, and of the environment, in this order.
func (r *session) connectionOptions(c *cli.Context) (live.Options, error) {
	var o live.Options
	err := r.readOptionFile(c.String("defaults-file"), ownGroup, func(option optionfile.Option) error {
		return setFileOption(&o, option)
	})
	if err != nil {
		return o, err
	}
	switch {
	case c.IsSet("socket") && !c.IsSet("host"):
		o.Host = ""
	case c.IsSet("port") && !c.IsSet("socket"):
		o.Socket = ""
	}
	if err := setFlags(c, &o, ""); err != nil {
		return o, err
	}
	return o, r.completePassword(&o)
}

// setFlags takes the options of the command line; prefix is what the names of a connection's flags begin with.
func setFlags(c *cli.Context, o *live.Options, prefix string) error {
	for _, name := range connectionOptions {
		if !c.IsSet(prefix + name) {
			continue
		}
		if err := setOption(o, name, c.String(prefix+name)); err != nil {
			return &usageError{text: "--" + prefix + err.Error()}
		}
	}
	if o.User == "" {
		if account, err := user.Current(); err == nil {
			o.User = account.Username
		}
	}
	return nil
}

// completePassword asks for the password that was given without a value.
func (r *session) completePassword(o *live.Options) (err error) {
	switch o.Password {
	case bareValue:
		o.Password, err = r.AskPassword("Enter password: ")
	case "":
		o.Password = r.Getenv("MYSQL_PWD")
	}
	return err
}

// setOption sets an option by its name. The error begins with the name and never quotes a password.
func setOption(o *live.Options, name, value string) (err error) {
	switch name {
	case "socket":
		o.Socket = value
	case "host":
		o.Host = value
	case "port":
		if o.Port, err = strconv.Atoi(value); err != nil {
			return fmt.Errorf("port: expected a number, found %q", value)
		}
	case "user":
		o.User = value
	case "password":
		o.Password = value
	case "ssl-mode":
		o.SSLMode = value
	case "ssl-ca":
		o.SSLCA = value
	case "ssl-cert":
		o.SSLCert = value
	case "ssl-key":
		o.SSLKey = value
	}
	return nil
}

// The groups of an option file. [client] has options of many programs, [binmend] only those of this one.
const (
	sharedGroup = "client"
	ownGroup    = "binmend"
)

// readOptionFile gives take the options of [client] and of the group own of the named option file, or of ~/.my.cnf where
// there is one.
func (r *session) readOptionFile(name, own string, take func(optionfile.Option) error) error {
	given, home := name != "", r.Getenv("HOME")
	if !given && home == "" {
		return nil
	}
	name = cmp.Or(name, filepath.Join(home, ".my.cnf"))
	f, err := os.Open(name)
	if !given && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	options, err := optionfile.Read(f, name, sharedGroup, own)
	if err != nil {
		return err
	}
	for _, option := range options {
		if err := take(option); err != nil {
			return &optionsError{file: name, line: option.Line, err: err}
		}
	}
	return nil
}

func setFileOption(o *live.Options, option optionfile.Option) error {
	switch {
	case option.Name == "password" && !option.HasValue:
		option.Value = bareValue
	case option.Name == "skip-ssl" && !option.HasValue:
		option.Name, option.Value = "ssl-mode", "DISABLED"
	case option.Group != sharedGroup && !slices.Contains(connectionOptions, option.Name):
		return fmt.Errorf("unknown option %q in [%s]", option.Name, option.Group)
	}
	return setOption(o, option.Name, option.Value)
}

// optionsError: an option file has an option that can't be used.
type optionsError struct {
	file string
	line int
	err  error
}

func (e *optionsError) Error() string { return fmt.Sprintf("%s:%d: %v", e.file, e.line, e.err) }
func (e *optionsError) Unwrap() error { return e.err }
