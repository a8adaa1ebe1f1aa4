package app

import (
	"cmp"
	"errors"
	"fmt"
	"os/user"

	"github.com/urfave/cli/v2"

	"binmend/schema/live"
	"binmend/schema/live/optionfile"
)

// connectionFlags reach a server, under the mysql client's names. A command connects only when one of them is given.
type connectionFlags struct {
	options                 map[string]string // those with a value, by name
	defaultsFile, loginPath *string
	cleartext               *bool
}

func (f *connectionFlags) flags() []cli.Flag {
	f.options = map[string]string{}
	option := func(flag *cli.StringFlag) *cli.StringFlag {
		flag.Action = givenAs(f.options, flag.Name)
		return flag
	}
	return []cli.Flag{
		option(&cli.StringFlag{Name: "socket", Aliases: []string{"S"}, Usage: "connect through socket `FILE`"}),
		option(&cli.StringFlag{Name: "host", Aliases: []string{"h"}, Usage: "connect to `HOST`"}),
		option(&cli.StringFlag{Name: "port", Aliases: []string{"P"}, Usage: "connect to port `N`"}),
		option(&cli.StringFlag{Name: "user", Aliases: []string{"u"}, DefaultText: "the account that runs it", Usage: "connect as `USER`"}),
		attachedFlag{option(&cli.StringFlag{Name: "password", Aliases: []string{"p"}, Usage: "with a password: -p asks for it"})},
		&cli.StringFlag{Name: "defaults-file", DefaultText: "~/.my.cnf …", Action: given(&f.defaultsFile), Usage: "read [client] and [binmend] of `FILE`"},
		&cli.StringFlag{Name: "login-path", Action: given(&f.loginPath), Usage: "connect as mysql_config_editor's login path `NAME` says"},
		option(&cli.StringFlag{Name: "ssl-mode", Usage: "TLS: DISABLED, REQUIRED … is the `MODE`", DefaultText: "PREFERRED"}),
		option(&cli.StringFlag{Name: "ssl-ca", Usage: "`FILE` with the authorities that sign the server's certificate"}),
		option(&cli.StringFlag{Name: "ssl-cert", Usage: "`FILE` with the client's certificate"}),
		option(&cli.StringFlag{Name: "ssl-key", Usage: "`FILE` with the client's key"}),
		&cli.BoolFlag{Name: live.CleartextPlugin, Action: given(&f.cleartext),
			Usage: "let a server whose certificate is verified ask for the password as it is"},
	}
}

// has reports whether an option is given.
func (f *connectionFlags) has(name string) bool {
	_, ok := f.options[name]
	return ok
}

// connect opens the connection that the flags ask for; nil when they ask for none.
func (r *session) connect(f *connectionFlags) (*live.Server, error) {
	if len(f.options) == 0 && f.defaultsFile == nil && f.loginPath == nil {
		return nil, nil
	}
	options, err := r.connectionOptions(f)
	if err != nil {
		return nil, err
	}
	return r.connectWith(options)
}

// connectUsual connects where mysql does when the command line names nothing: as the option files say, or else to the usual
// socket of this host. It says so.
func (r *session) connectUsual(f *connectionFlags) (*live.Server, error) {
	options, err := r.connectionOptions(f)
	if err != nil {
		return nil, err
	}
	to := printable(options.Address())
	fmt.Fprintf(r.Err, "binmend: no log and no connection given: connecting as mysql does, to %s as %s\n", to, printable(options.User))
	server, err := r.connectWith(options)
	if err != nil {
		return nil, &usageError{text: "no log given, and no server to ask: " + err.Error(),
			hint: "name the replica's connection (-S SOCKET or -h HOST, -u USER, -p), or give its relay logs, --status and --schema"}
	}
	return server, nil
}

// connectWith connects.
func (r *session) connectWith(options live.Options) (*live.Server, error) {
	server, err := live.Connect(r.ctx, options)
	return server, asUsage(err)
}

// namesServer reports whether options say which server is meant. Without, clients go to the one on this host.
func namesServer(o *live.Options) bool { return o.Host != "" || o.Socket != "" || o.Port != 0 }

// ownGroup is the group of an option file whose options are of this program only.
const ownGroup = "binmend"

// connectionOptions are those of the command line, of the option file, and of the environment, in this order.
func (r *session) connectionOptions(f *connectionFlags) (o live.Options, err error) {
	options, err := r.fileOptions(ownGroup, f.defaultsFile, f.loginPath)
	if err != nil {
		return o, err
	}
	if err := o.SetFromFiles(options); err != nil {
		return o, err
	}
	switch {
	case f.has("socket") && !f.has("host"):
		o.Host = ""
	case f.has("port") && !f.has("socket"):
		o.Socket = ""
	}
	if err := f.setFlags(&o, ""); err != nil {
		return o, err
	}
	switch o.Password {
	case bareValue:
		o.Password, err = r.AskPassword("Enter password: ")
	case "":
		o.Password = r.Getenv("MYSQL_PWD")
	}
	return o, err
}

// setFlags takes the options of the command line; prefix is what the names of a connection's flags begin with.
func (f *connectionFlags) setFlags(o *live.Options, prefix string) error {
	for _, name := range live.OptionNames {
		if !f.has(name) {
			continue
		}
		if err := o.Set(name, f.options[name]); err != nil {
			return &usageError{text: "--" + prefix + err.Error()}
		}
	}
	if f.cleartext != nil {
		o.EnableCleartextPlugin = *f.cleartext
	}
	if account, err := user.Current(); err == nil {
		o.User = cmp.Or(o.User, account.Username)
	}
	return nil
}

// fileOptions are the options in a group of the option files and in the shared ones.
func (r *session) fileOptions(group string, file, loginPath *string) ([]optionfile.Option, error) {
	files := optionfile.Files{Groups: append([]string{group}, live.SharedGroups...)}
	places := optionfile.Places{Machine: r.OptionFiles, Home: r.Getenv("HOME"), LoginFile: r.Getenv("MYSQL_TEST_LOGIN_FILE")}
	if file != nil {
		places.File = *file
	}
	if loginPath != nil {
		places.LoginPath = *loginPath
	}
	err := files.AddPlaces(places)
	for _, reason := range files.Ignored {
		fmt.Fprintln(r.Err, "binmend: warning: "+printable(reason))
	}
	if errors.Is(err, optionfile.ErrNoLoginPath) {
		err = &usageError{text: "--login-path: " + err.Error(), hint: hintOf(err)}
	}
	return files.Options, err
}
