package live

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"binmend/schema/live/optionfile"
)

// OptionNames are the options with a value, by the names that the mysql client has for them.
var OptionNames = []string{"socket", "host", "port", "user", "password", "ssl-mode", "ssl-ca", "ssl-cert", "ssl-key"}

// Reaches reports whether a flag with a value says how a server is reached: one of OptionNames, the same for the source, or a place that has them.
func Reaches(flag string) bool {
	name := strings.TrimPrefix(flag, "source-")
	return slices.Contains(OptionNames, name) || name == "defaults-file" || name == "login-path"
}

// CleartextPlugin is the name of the option EnableCleartextPlugin, which needs no value.
const CleartextPlugin = "enable-cleartext-plugin"

// ServerPublicKey is the name of the option GetServerPublicKey, which needs no value.
const ServerPublicKey = "get-server-public-key"

// AskPassword is a password that is to be asked for: the option was given without a value. No password has a NUL byte.
const AskPassword = "\x00"

// sharedGroups are the groups of option files whose options are for many programs: unknown ones are skipped.
var sharedGroups = []string{"client", "client-server", "client-mariadb"}

// Set sets an option by its name; one that is not among OptionNames changes nothing. The error begins with the name and never
// quotes a password.
func (o *Options) Set(name, value string) (err error) {
	switch name {
	case "socket":
		o.Socket = value
	case "host":
		if host, port, err := net.SplitHostPort(value); err == nil {
			return badOption("host: expected a name or an address, found %q with a port: give host %s and port %s", value, host, port)
		}
		o.Host = value
	case "port":
		if o.Port, err = strconv.Atoi(value); err != nil {
			return badOption("port: expected a number, found %q", value)
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

// setFromFiles sets the options of option files, one after the other. An error names file and line.
func (o *Options) setFromFiles(options []optionfile.Option) error {
	for _, option := range options {
		if err := o.setFromFile(option); err != nil {
			return fmt.Errorf("%s:%d: %w", option.File, option.Line, err)
		}
	}
	return nil
}

func (o *Options) setFromFile(option optionfile.Option) error {
	switch {
	case option.Name == "password" && !option.HasValue:
		option.Value = AskPassword
	case slices.Contains(tlsSwitches, option.Name):
		o.SSLMode = switchTLS(o.SSLMode, option)
		return nil
	case option.Name == CleartextPlugin:
		o.EnableCleartextPlugin = isOn(option)
		return nil
	case option.Name == ServerPublicKey:
		o.GetServerPublicKey = isOn(option)
		return nil
	case !slices.Contains(sharedGroups, option.Group) && !slices.Contains(OptionNames, option.Name):
		return fmt.Errorf("unknown option %q in [%s]", option.Name, option.Group)
	}
	return o.Set(option.Name, option.Value)
}

// tlsSwitches are the options by which MariaDB's clients, and old ones of MySQL, choose what ssl-mode says of MySQL's.
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
