package app

import (
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"binmend/schema/live"
	"binmend/schema/live/optionfile"
)

// connectionFlags reach a server, under the mysql client's names. A command connects only when one of them is given.
type connectionFlags struct {
	live.CommandLine
	defaultsFile, loginPath *string

	snapshot *live.Tables // of a server whose log is followed: where its end was
}

func (f *connectionFlags) flags() []cli.Flag {
	f.Given = map[string]string{}
	option := func(flag *cli.StringFlag) *cli.StringFlag {
		flag.Action = givenAs(f.Given, flag.Name)
		return flag
	}
	return []cli.Flag{
		option(&cli.StringFlag{Name: "socket", Aliases: []string{"S"}, Usage: "connect through socket `FILE`"}),
		option(&cli.StringFlag{Name: "host", Aliases: []string{"h"}, Usage: "connect to `HOST`"}),
		option(&cli.StringFlag{Name: "port", Aliases: []string{"P"}, Usage: "connect to port `N`"}),
		option(&cli.StringFlag{Name: "user", Aliases: []string{"u"}, DefaultText: "the account that runs it", Usage: "connect as `USER`"}),
		attachedFlag{option(&cli.StringFlag{Name: "password", Aliases: []string{"p"}, Usage: "use a password; -p alone asks for it"})},
		&cli.StringFlag{Name: "defaults-file", DefaultText: "~/.my.cnf …", Action: given(&f.defaultsFile), Usage: "read [client] and [binmend] of `FILE`"},
		&cli.StringFlag{Name: "login-path", Action: given(&f.loginPath), Usage: "use the login path `NAME` of mysql_config_editor"},
		option(&cli.StringFlag{Name: "ssl-mode", Usage: "TLS `MODE`: DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY", DefaultText: "PREFERRED"}),
		option(&cli.StringFlag{Name: "ssl-ca", Usage: "`FILE` with the authorities that sign the server's certificate"}),
		option(&cli.StringFlag{Name: "ssl-cert", Usage: "`FILE` with the client's certificate"}),
		option(&cli.StringFlag{Name: "ssl-key", Usage: "`FILE` with the client's key"}),
		&cli.BoolFlag{Name: live.CleartextPlugin, DisableDefaultText: true, Action: given(&f.Cleartext),
			Usage: "let a server with a verified certificate ask for the password in clear text"},
		&cli.BoolFlag{Name: live.ServerPublicKey, DisableDefaultText: true, Action: given(&f.ServerKey),
			Usage: "without TLS, send the password under a key that the server sends"},
	}
}

func (f *connectionFlags) connects() bool {
	return len(f.Given) > 0 || f.defaultsFile != nil || f.loginPath != nil
}

// connect opens the connection that the flags ask for; nil when they ask for none.
func (r *session) connect(f *connectionFlags) (*live.Server, error) {
	if !f.connects() {
		return nil, nil
	}
	options, err := r.connectionOptions(f)
	if err != nil {
		return nil, err
	}
	return r.connectWith(options)
}

// connectUsual connects where the mysql client does when the command line names no server: as the option files say, or else
// to the default socket of this host. It prints a note about that. Where nothing answers, the hint ends with what the command
// takes instead of a connection.
func (r *session) connectUsual(f *connectionFlags, instead string) (*live.Server, error) {
	options, err := r.connectionOptions(f)
	if err != nil {
		return nil, err
	}
	to := printable(options.Address())
	fmt.Fprintf(r.Err, "binmend: no connection given: connecting as mysql does, to %s as %s\n", to, printable(options.User))
	server, err := r.connectWith(options)
	if err != nil {
		return nil, &usageError{text: "no connection given, and no server to ask: " + err.Error(),
			hint: "name the replica's connection: -S SOCKET or -h HOST, -u USER, -p" + instead}
	}
	return server, nil
}

// connectWith connects.
func (r *session) connectWith(options live.Options) (*live.Server, error) {
	server, err := live.Connect(r.ctx, options)
	return server, asUsage(err)
}

// connectionOptions are taken from the command line, the option files and the environment, in this order.
func (r *session) connectionOptions(f *connectionFlags) (live.Options, error) {
	line := f.CommandLine
	line.Group, line.Prompt, line.Password = "binmend", "Enter password: ", r.Getenv("MYSQL_PWD")
	if f.loginPath != nil {
		line.Places.LoginPath = *f.loginPath
	}
	return r.resolve(line, f.defaultsFile, "")
}

// resolve completes the options of the command line; prefix is what the names of the flags begin with.
func (r *session) resolve(line live.CommandLine, defaultsFile *string, prefix string) (live.Options, error) {
	line.Ask = r.AskPassword
	line.Places.Machine, line.Places.Home, line.Places.LoginFile = r.OptionFiles, r.Getenv("HOME"), r.Getenv("MYSQL_TEST_LOGIN_FILE")
	if defaultsFile != nil {
		line.Places.File = *defaultsFile
	}
	o, ignored, err := line.Resolve()
	for _, reason := range ignored {
		fmt.Fprintln(r.Err, "binmend: warning: "+printable(reason))
	}
	switch {
	case errors.Is(err, optionfile.ErrNoLoginPath):
		return o, &usageError{text: "--login-path: " + err.Error(), hint: hintOf(err)}
	case errors.Is(err, live.ErrGiven):
		return o, &usageError{text: "--" + prefix + err.Error()}
	}
	return o, err
}
