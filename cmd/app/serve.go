package app

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"strings"

	"github.com/urfave/cli/v2"

	"binmend/cmd/arguments"
	"binmend/decoder/serve"
	"binmend/emit/monitor"
)

func (r *session) serveCommand() *cli.Command {
	var f serveFlags
	return &cli.Command{
		Name:      "serve",
		Usage:     "let replicas replicate from a folder of binary logs",
		ArgsUsage: "--users FILE DIR",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "users", Destination: &f.users, Usage: "the accounts are in `FILE`; 'binmend account' writes one"},
			&cli.StringFlag{Name: "listen", Destination: &f.listen, Value: defaultListen, DefaultText: defaultListen, Usage: "listen on `HOST:PORT`; without HOST on 127.0.0.1"},
			&cli.StringFlag{Name: "ssl-cert", Destination: &f.cert, Usage: "`FILE` with the certificate for TLS, and those that sign it"},
			&cli.StringFlag{Name: "ssl-key", Destination: &f.key, Usage: "`FILE` with the certificate's key"},
			metricsFlag(&f.metrics),
			jsonFlag(&f.json, "write what happens to standard output as JSON, one object a line"),
			&cli.BoolFlag{Name: "require-secure-transport", Destination: &f.requireTLS, Usage: "refuse clients without TLS", DisableDefaultText: true},
			&cli.Uint64Flag{Name: "server-id", Destination: &f.serverID, Usage: "be server `N`", DefaultText: "the source's"},
			&cli.IntFlag{Name: "max-connections", Destination: &f.maxConnections, Usage: "serve up to `N` clients at a time, those that have logged in", DefaultText: "151"},
		}, f.flags()...),
		Action: action(func() error { return r.serve(&f) }),
	}
}

const defaultListen = "127.0.0.1:3307"

// serveFlags are the flags of serve.
type serveFlags struct {
	openFlags
	users, listen, cert, key string
	metrics                  string
	requireTLS, json         bool
	serverID                 uint64
	maxConnections           int
}

func (r *session) serve(f *serveFlags) error {
	address, err := arguments.Address("listen", f.listen)
	if err != nil {
		return asUsage(err)
	}
	server, err := r.newServer(f)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	if err := r.listen(r.ctx, f.metrics, monitor.Serve{Load: server.Load}); err != nil {
		return err
	}
	r.endsByItself.Store(true)
	new(monitor.Service).Start(r.ctx, 0)
	server.Log.Info("listening", "address", listener.Addr().String(), "folder", r.files[0])
	if server.TLS == nil && !listener.Addr().(*net.TCPAddr).IP.IsLoopback() {
		server.Log.Warn("rows cross the network in clear text: give --ssl-cert and --ssl-key")
	}
	return server.Serve(r.ctx, listener)
}

func (r *session) newServer(f *serveFlags) (*serve.Server, error) {
	switch {
	case len(r.files) != 1:
		return nil, &usageError{text: fmt.Sprintf("expected one folder, found %d arguments", len(r.files)), hint: "name the folder that holds the binary logs"}
	case f.users == "":
		return nil, &usageError{text: "no accounts given", hint: "--users FILE; 'binmend account USER' writes a line of it"}
	case f.serverID > 1<<32-1:
		return nil, &usageError{text: "--server-id: the largest is 4294967295"}
	case f.maxConnections < 0:
		return nil, &usageError{text: "--max-connections is never negative"}
	}
	o := serve.Options{Dir: r.files[0], ServerID: uint32(f.serverID), MaxConnections: f.maxConnections,
		RequireTLS: f.requireTLS, Log: slog.New(slog.NewTextHandler(r.Err, nil))}
	if f.json {
		o.Log = slog.New(slog.NewJSONHandler(&lines{r}, nil)).With("version", 1) // of the JSON form
	}
	var err error
	if o.TLS, err = f.tls(); err != nil {
		return nil, err
	}
	if o.Opener, err = r.opener(&f.openFlags); err != nil {
		return nil, err
	}
	if o.Accounts, err = serve.ReadAccounts(f.users); err != nil {
		return nil, err
	}
	return serve.New(o)
}

// tls reads the certificate that the flags name; nil when they name none.
func (f *serveFlags) tls() (*tls.Config, error) {
	cert, key := f.cert, f.key
	switch {
	case (cert == "") != (key == ""):
		return nil, &usageError{text: "--ssl-cert and --ssl-key go together"}
	case cert == "" && f.requireTLS:
		return nil, &usageError{text: "--require-secure-transport without --ssl-cert and --ssl-key"}
	case cert == "":
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("--ssl-cert %s, --ssl-key %s: %w", cert, key, err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}

func (r *session) accountCommand() *cli.Command {
	var plugin string
	var asJSON bool
	return &cli.Command{
		Name:      "account",
		Usage:     "print an account for 'binmend serve'",
		ArgsUsage: "[--plugin PLUGIN] USER",
		Flags: []cli.Flag{&cli.StringFlag{Name: "plugin", Destination: &plugin, Value: string(serve.CachingSHA2), DefaultText: string(serve.CachingSHA2),
			Usage: "prove the password by `PLUGIN`: " + string(serve.NativePassword) + " for MySQL 5.6, 5.7 and MariaDB before 11.4"},
			jsonFlag(&asJSON, "print one JSON object")},
		Action: action(func() error { return r.account(serve.Plugin(plugin), asJSON) }),
	}
}

func (r *session) account(plugin serve.Plugin, asJSON bool) error {
	if len(r.files) != 1 {
		return &usageError{text: fmt.Sprintf("expected one user, found %d", len(r.files))}
	}
	user := r.files[0]
	password := r.Getenv("MYSQL_PWD")
	if password == "" {
		var err error
		if password, err = r.AskPassword("Password of " + strings.ToValidUTF8(user, "?") + ": "); err != nil {
			return err
		}
	}
	line, err := serve.AccountLine(user, plugin, password)
	if err != nil {
		return &usageError{text: err.Error()}
	}
	if asJSON {
		return json.NewEncoder(r.jsonOut()).Encode(serve.FormOf(line))
	}
	_, err = fmt.Fprintln(r.out, line)
	return err
}
