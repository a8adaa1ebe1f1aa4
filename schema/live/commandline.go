package live

import (
	"cmp"
	"os/user"
	"slices"

	"binmend/decoder/fault"
	"binmend/schema/live/optionfile"
)

// CommandLine is what the command line and the environment say about a connection.
type CommandLine struct {
	Given     map[string]string // by OptionNames
	Cleartext *bool             // CleartextPlugin, where it is given
	ServerKey *bool             // ServerPublicKey, where it is given
	Group     string            // of option files, whose options are of this program only
	Places    optionfile.Places
	Password  string                              // where nothing else gives one
	Ask       func(prompt string) (string, error) // for a password that is to be asked for
	Prompt    string
	// Shared says that the connection is to a server of its own: of the sharedGroups only account and TLS hold for it.
	Shared bool
}

// ErrGiven: an option of the command line can't be used.
var ErrGiven = ErrOption.Kind("an option of the command line can't be used")

// placeOptions say which server is meant.
var placeOptions = []string{"host", "socket", "port"}

// NamesServer reports whether options say which server is meant. Without, clients go to the one on this host.
func (o *Options) NamesServer() bool { return o.Host != "" || o.Socket != "" || o.Port != 0 }

// Has reports whether an option is given.
func (c *CommandLine) Has(name string) bool {
	_, ok := c.Given[name]
	return ok
}

// NamesServer reports whether the command line says which server is meant.
func (c *CommandLine) NamesServer() bool { return slices.ContainsFunc(placeOptions, c.Has) }

// Resolve are the options of the connection: those of the command line, of the option files, and of the environment, in this
// order. ignored says which option files were skipped, and why.
func (c *CommandLine) Resolve() (o Options, ignored []string, err error) {
	files := optionfile.Files{Groups: append([]string{c.Group}, sharedGroups...)}
	if err := files.AddPlaces(c.Places); err != nil {
		return o, files.Ignored, err
	}
	options := files.Options
	if c.Shared {
		options = slices.DeleteFunc(options, func(option optionfile.Option) bool {
			return option.Group != c.Group && slices.Contains(placeOptions, option.Name)
		})
	}
	if err := o.setFromFiles(options); err != nil {
		return o, files.Ignored, err
	}
	if err := c.override(&o); err != nil {
		return o, files.Ignored, err
	}
	if o.Password == AskPassword {
		o.Password, err = c.Ask(c.Prompt)
	} else {
		o.Password = cmp.Or(o.Password, c.Password)
	}
	return o, files.Ignored, err
}

// override sets what the command line gives. A socket replaces the host of the files, a port their socket.
func (c *CommandLine) override(o *Options) error {
	switch {
	case c.Has("socket") && !c.Has("host"):
		o.Host = ""
	case c.Has("port") && !c.Has("socket"):
		o.Socket = ""
	}
	for _, name := range OptionNames {
		if !c.Has(name) {
			continue
		}
		if err := o.Set(name, c.Given[name]); err != nil {
			return &fault.Error{Reason: ErrGiven, Err: err}
		}
	}
	if c.Cleartext != nil {
		o.EnableCleartextPlugin = *c.Cleartext
	}
	if c.ServerKey != nil {
		o.GetServerPublicKey = *c.ServerKey
	}
	if account, err := user.Current(); err == nil {
		o.User = cmp.Or(o.User, account.Username)
	}
	return nil
}
