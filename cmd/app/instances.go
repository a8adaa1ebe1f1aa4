package app

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"binmend/emit/watch"
	"binmend/schema/live"
)

// instances are the replicas that the command line names, or else the one that a connection without it goes to.
func (r *session) instances(c *cli.Context, f fix) ([]watch.Instance, error) {
	shared, err := r.connectionOptions(c)
	if err != nil {
		return nil, err
	}
	names, err := namedInstances(c)
	if err != nil {
		return nil, err
	}
	var all []live.Options
	switch {
	case len(names) > 0:
	case namesServer(&shared):
		all = append(all, shared)
	default:
		return nil, &usageError{text: "which replica?", hint: "give -S SOCKET, -h HOST, --instances or --instances-file"}
	}
	for _, name := range names {
		o, err := atInstance(shared, name)
		if err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	source, err := r.watchedSource(c)
	if err != nil {
		return nil, err
	}
	if len(names) > 0 && c.IsSet("host") {
		return nil, &usageError{text: "--host and a list of instances", hint: "put the host into the list"}
	}
	if len(all) > 1 && c.IsSet("relay-log-dir") {
		return nil, &usageError{text: "--relay-log-dir with several instances", hint: "their relay logs have the same names: watch each with a folder of its own"}
	}
	var instances []watch.Instance
	for _, o := range all {
		if _, err := o.Endpoint(); err != nil { // what can't be used is told before anything is made
			return nil, asUsage(err)
		}
		instances = append(instances, watch.Instance{Address: o.Address(), Connect: func(ctx context.Context) (watch.Replica, error) {
			server, err := live.Connect(ctx, o)
			if err != nil {
				return nil, err
			}
			return &watchedReplica{fix: f, server: server, source: source}, nil
		}})
	}
	return instances, nil
}

// namedInstances are those of --instances, --instances-file and --socket, in this order.
func namedInstances(c *cli.Context) ([]string, error) {
	var names []string
	if c.IsSet("instances") {
		names = strings.Split(c.String("instances"), ",")
	}
	if name := c.String("instances-file"); name != "" {
		listed, err := readInstances(name)
		if err != nil {
			return nil, err
		}
		names = append(names, listed...)
	}
	if sockets := c.String("socket"); strings.Contains(sockets, ",") || len(names) > 0 && sockets != "" {
		for socket := range strings.SplitSeq(sockets, ",") {
			if !strings.Contains(socket, "/") {
				socket = "./" + socket
			}
			names = append(names, socket)
		}
	}
	return names, nil
}

// readInstances reads a list with an instance on each line.
func readInstances(name string) (names []string, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line, _, _ := strings.Cut(lines.Text(), "#")
		if line = strings.TrimSpace(line); line != "" {
			names = append(names, line)
		}
	}
	if lines.Err() == nil && len(names) == 0 {
		return nil, &usageError{text: fmt.Sprintf("--instances-file: %s lists no instance", name)}
	}
	return names, lines.Err()
}

// atInstance is a connection to another instance with the same account.
func atInstance(o live.Options, name string) (live.Options, error) {
	wrong := &usageError{text: fmt.Sprintf("expected an instance, found %q", name), hint: "HOST, HOST:PORT, [ADDRESS]:PORT or the path of a socket"}
	if strings.Contains(name, "/") {
		o.Host, o.Socket = "", name
		return o, nil
	}
	o.Socket = ""
	host, port, err := net.SplitHostPort(name)
	if err != nil {
		host, port = strings.Trim(name, "[]"), ""
	}
	if o.Host = host; host == "" || err != nil && strings.Count(host, ":") == 1 {
		return o, wrong
	}
	if port != "" {
		if o.Port, err = strconv.Atoi(port); err != nil || o.Port < 1 || o.Port > 65535 {
			return o, wrong
		}
	}
	return o, nil
}
