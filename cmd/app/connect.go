package app

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

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
		&cli.StringFlag{Name: "defaults-file", DefaultText: "~/.my.cnf …", Usage: "read [client] and [binmend] of `FILE`"},
		&cli.StringFlag{Name: "login-path", Usage: "connect as mysql_config_editor's login path `NAME` says"},
		&cli.StringFlag{Name: "ssl-mode", Usage: "TLS: DISABLED, REQUIRED … is the `MODE`", DefaultText: "PREFERRED"},
		&cli.StringFlag{Name: "ssl-ca", Usage: "`FILE` with the authorities that sign the server's certificate"},
		&cli.StringFlag{Name: "ssl-cert", Usage: "`FILE` with the client's certificate"},
		&cli.StringFlag{Name: "ssl-key", Usage: "`FILE` with the client's key"},
		&cli.BoolFlag{Name: cleartextOption, Usage: "let a server whose certificate is verified ask for the password as it is"},
	}
}

// connectionOptions are the options of a connection that stand on the command line and in option files.
var connectionOptions = []string{"socket", "host", "port", "user", "password", "ssl-mode", "ssl-ca", "ssl-cert", "ssl-key"}

// cleartextOption has no value.
const cleartextOption = "enable-cleartext-plugin"

// connect opens the connection that the command line asks for; nil when it asks for none.
func (r *session) connect(c *cli.Context) (*live.Server, error) {
	wanted := func(name string) bool { return c.IsSet(name) }
	if !slices.ContainsFunc(connectionOptions, wanted) && !wanted("defaults-file") && !wanted("login-path") {
		return nil, nil
	}
	options, err := r.connectionOptions(c)
	if err != nil {
		return nil, err
	}
	return r.connectWith(options)
}

// connectUsual connects where mysql does when the command line names nothing: as the option files say, or else to the usual
// socket of this host. It says so.
func (r *session) connectUsual(c *cli.Context) (*live.Server, error) {
	options, err := r.connectionOptions(c)
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

// asUsage makes options that can't be used a wrong command line.
func asUsage(err error) error {
	if errors.Is(err, live.ErrOption) {
		return &usageError{text: err.Error()}
	}
	return err
}

// namesServer says whether options tell which server is meant. Without, clients go to the one on this host.
func namesServer(o *live.Options) bool { return o.Host != "" || o.Socket != "" || o.Port != 0 }

// connectionOptions are those of the command line, of the option file, and of the environment, in this order.
func (r *session) connectionOptions(c *cli.Context) (live.Options, error) {
	var o live.Options
	from := optionGroups{file: c.String("defaults-file"), own: ownGroup, loginPath: c.String("login-path")}
	err := r.readOptionFiles(from, func(option optionfile.Option) error {
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
	if c.IsSet(prefix + cleartextOption) {
		o.EnableCleartextPlugin = c.Bool(prefix + cleartextOption)
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

// The groups of option files. The shared ones have options of many programs, [binmend] only those of this one.
const ownGroup = "binmend"

var sharedGroups = []string{"client", "client-server", "client-mariadb"}

// optionGroups are where the options of a connection stand besides the shared groups.
type optionGroups struct {
	file      string // --defaults-file; "" means the usual ones
	own       string // a group
	loginPath string // a group of the login file; "" means none
}

// readOptionFiles gives take the options of the option files, and then those of the login file.
func (r *session) readOptionFiles(from optionGroups, take func(optionfile.Option) error) error {
	files := optionfile.Files{Groups: append(slices.Clone(sharedGroups), from.own)}
	err := r.addOptionFiles(&files, from.file)
	if err == nil {
		err = r.addLoginFile(&files, from.loginPath)
	}
	for _, reason := range files.Ignored {
		fmt.Fprintln(r.Err, "binmend: warning: "+printable(reason))
	}
	if err != nil {
		return err
	}
	for _, option := range files.Options {
		if err := take(option); err != nil {
			return &optionsError{file: option.File, line: option.Line, err: err}
		}
	}
	return nil
}

// addOptionFiles takes the named file, or else the usual ones that there are.
func (r *session) addOptionFiles(files *optionfile.Files, name string) error {
	if name != "" {
		return files.Add(name)
	}
	for _, name := range r.OptionFiles {
		err := files.Add(name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
			return err
		}
	}
	home := r.Getenv("HOME")
	if home == "" {
		return nil
	}
	if err := files.Add(filepath.Join(home, ".my.cnf")); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// addLoginFile takes the login file where there is one. A login path has to be in it.
func (r *session) addLoginFile(files *optionfile.Files, path string) error {
	name := r.Getenv("MYSQL_TEST_LOGIN_FILE")
	if home := r.Getenv("HOME"); name == "" && home != "" {
		name = filepath.Join(home, ".mylogin.cnf")
	}
	if path != "" {
		files.Groups = append(files.Groups, path)
	}
	read := len(files.Options)
	err := files.AddLogin(name)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	case path == "" || slices.ContainsFunc(files.Options[read:], func(o optionfile.Option) bool { return o.Group == path }):
		return nil
	}
	return &usageError{text: fmt.Sprintf("--login-path: expected a login path %q in %s, found none", path, cmp.Or(name, "~/.mylogin.cnf")),
		hint: "mysql_config_editor print --all lists them, mysql_config_editor set --login-path=" + path + " makes one"}
}

// tlsSwitches are the options by which MariaDB's clients, and old ones of MySQL, choose what --ssl-mode says of MySQL's.
var tlsSwitches = []string{"ssl", "skip-ssl", "disable-ssl", "ssl-verify-server-cert"}

// switchTLS is the mode after such an option. One that only asks for TLS takes no verification back.
func switchTLS(mode string, option optionfile.Option) string {
	on := isOn(option)
	switch {
	case option.Name == "ssl-verify-server-cert" && on:
		return "VERIFY_IDENTITY"
	case option.Name == "ssl-verify-server-cert":
		return mode
	case (option.Name == "ssl") != on:
		return "DISABLED"
	case option.Name == "ssl" && (mode == "" || mode == "DISABLED"):
		return "REQUIRED"
	}
	return mode
}

// isOn reports whether an option that needs no value is on.
func isOn(option optionfile.Option) bool {
	return !option.HasValue || !slices.Contains([]string{"0", "off", "false", "no"}, strings.ToLower(option.Value))
}

func setFileOption(o *live.Options, option optionfile.Option) error {
	switch {
	case option.Name == "password" && !option.HasValue:
		option.Value = bareValue
	case slices.Contains(tlsSwitches, option.Name):
		o.SSLMode = switchTLS(o.SSLMode, option)
		return nil
	case option.Name == cleartextOption:
		o.EnableCleartextPlugin = isOn(option)
		return nil
	case !slices.Contains(sharedGroups, option.Group) && !slices.Contains(connectionOptions, option.Name):
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
