package compare

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"binmend/decoder/fault"
	"binmend/emit/sqltext"
	"binmend/schema/live"
)

// Limits bound the load on the replica.
type Limits struct {
	RowsPerSecond int    // 0: none
	MaxLoad       []Load // reading waits while one of them is exceeded
}

// Load is a status variable of a server and its highest allowed value.
type Load struct {
	Variable string
	Most     uint64
}

// ParseLoads reads limits: 'Threads_running=25,Threads_connected=100'. Like pt-table-checksum, it also accepts a colon.
func ParseLoads(text string) (loads []Load, err error) {
	for part := range strings.SplitSeq(text, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok {
			name, value, ok = strings.Cut(strings.TrimSpace(part), ":")
		}
		most, err := strconv.ParseUint(strings.TrimSpace(value), 10, 64)
		if name = strings.TrimSpace(name); !ok || err != nil || name == "" {
			return nil, fmt.Errorf("expected VARIABLE=NUMBER, found %q", part)
		}
		loads = append(loads, Load{name, most})
	}
	return loads, nil
}

// ErrLoad: the server has no such status variable.
var ErrLoad = fault.NewReason("no status variable of the server")

// pace enforces the limits.
type pace struct {
	limits  Limits
	server  *live.Server
	looked  time.Time // when the load was last read
	allowed time.Time // when the next rows may be read
}

func newPace(l Limits, server *live.Server) *pace {
	return &pace{limits: l, server: server, allowed: time.Now()}
}

const (
	betweenLooks = time.Second
	whileLoaded  = 500 * time.Millisecond
)

// slow waits until a number of rows may be read, by the row limit alone: the connection may be in use.
func (p *pace) slow(ctx context.Context, rows int) error {
	if p.limits.RowsPerSecond > 0 {
		now := time.Now()
		if d := p.allowed.Sub(now); d > 0 {
			if err := sleep(ctx, d); err != nil {
				return err
			}
			now = p.allowed
		}
		p.allowed = now.Add(time.Duration(rows) * time.Second / time.Duration(p.limits.RowsPerSecond))
	}
	return ctx.Err()
}

// wait waits until a number of rows may be read.
func (p *pace) wait(ctx context.Context, rows int) error {
	if err := p.slow(ctx, rows); err != nil {
		return err
	}
	for len(p.limits.MaxLoad) > 0 && time.Since(p.looked) > betweenLooks {
		loaded, err := p.isLoaded(ctx)
		if err != nil {
			return err
		}
		if !loaded {
			p.looked = time.Now()
			break
		}
		if err := sleep(ctx, whileLoaded); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (p *pace) isLoaded(ctx context.Context) (loaded bool, err error) {
	var d sqltext.Dialect
	for _, l := range p.limits.MaxLoad {
		found := false
		query := d.AppendString([]byte("SHOW GLOBAL STATUS LIKE "), strings.ReplaceAll(l.Variable, "_", `\_`))
		if !strings.ContainsAny(l.Variable, `\%'`) {
			query = []byte("SHOW GLOBAL STATUS LIKE '" + l.Variable + "'")
		}
		err := p.server.Select(ctx, string(query), func(values [][]byte) error {
			if len(values) != 2 || !strings.EqualFold(string(values[0]), l.Variable) {
				return nil
			}
			found = true
			n, err := strconv.ParseUint(string(values[1]), 10, 64)
			loaded = loaded || err == nil && n > l.Most
			return nil
		})
		if err != nil {
			return false, err
		}
		if !found {
			return false, &fault.Error{Reason: ErrLoad, What: fmt.Sprintf("the server has no status variable %q", l.Variable)}
		}
	}
	return loaded, nil
}
