package live

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"

	"binmend/decoder/fault"
)

// At is a connection to another server with the same account: HOST, HOST:PORT, [ADDRESS]:PORT or the path of a socket.
func (o Options) At(name string) (Options, error) {
	wrong := &fault.Error{Reason: ErrServerName, What: fmt.Sprintf("expected an instance, found %q", name)}
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

// ReadServers reads a file that lists servers, one on each line, with comments after #.
func ReadServers(file string) (names []string, err error) {
	f, err := os.Open(file)
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
		return nil, badOption("%s lists no instance", file)
	}
	return names, lines.Err()
}
