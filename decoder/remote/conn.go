package remote

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/go-mysql-org/go-mysql/client"
	"github.com/go-mysql-org/go-mysql/mysql"

	"binmend/decoder"
	"binmend/decoder/dial"
	"binmend/decoder/fault"
)

// Conn is a connection to a source. It belongs to one goroutine.
type Conn struct {
	ServerID uint32 // of this replica
	Source   Source

	address string
	login   bool // the source has let the account in
	conn    *client.Conn
	wire    *dial.Conn
	stop    func() bool
	ctx     context.Context // of the connection: decoder.Source, which reads the dump event by event, has no parameter for it
	stream  stream
	buffer  buffer
}

// Source is what a source says about itself.
type Source struct {
	Version  decoder.Version
	ServerID uint32
	UUID     string // MySQL's @@server_uuid; "" for MariaDB
}

// Connect logs in to a source. The connection is closed when ctx ends. Its errors are *Error.
func Connect(ctx context.Context, o Options) (*Conn, error) {
	c := &Conn{address: o.Address, ctx: ctx, ServerID: o.ServerID}
	err := c.dial(ctx, o)
	if c.login = err == nil; c.login {
		err = c.introduce(o)
	}
	if err != nil {
		err = c.explain(err)
		c.Close()
		return nil, err
	}
	c.wire.BeforeRead = o.BeforeRead
	return c, nil
}

func (c *Conn) dial(ctx context.Context, o Options) (err error) {
	to := dial.Options{Network: o.Network, Address: o.Address, TLS: o.TLS, Plaintext: o.Plaintext, ClearText: o.ClearText, ServerKey: o.ServerKey, Idle: readTimeout}
	c.wire, err = dial.Login(ctx, to, func(wire *dial.Conn) error { return c.logIn(wire, o) })
	if err == nil {
		c.wire.Limit(dial.Answer{Bytes: 4 << 20, Time: time.Minute}) // the longest is a set of GTIDs
		wire := c.wire
		c.stop = context.AfterFunc(ctx, func() { wire.Close() })
	}
	return err
}

func (c *Conn) logIn(wire *dial.Conn, o Options) (err error) {
	defer func() { // go-mysql panics on wrong lengths in a handshake, and when a server has no RSA key
		if p := recover(); p != nil {
			err = &fault.Error{Reason: ErrNoRSAKeys, What: "the source " + o.Address + " did not let the account in as a MySQL server does"}
		}
	}()
	network := "tcp"
	if wire.Secure {
		network = "unix" // makes go-mysql treat the connection as private
	}
	dialed := func(context.Context, string, string) (net.Conn, error) { return wire, nil }
	c.conn, err = client.ConnectWithDialer(c.ctx, network, o.Address, o.User, o.Password, "", dialed, func(conn *client.Conn) error {
		conn.BufferSize = readBuffer
		conn.SetAttributes(map[string]string{"_client_name": "binmend"})
		return nil
	})
	return err
}

// Close ends the connection.
func (c *Conn) Close() error {
	if c.wire == nil {
		return nil
	}
	c.stop()
	err := c.wire.Close()
	c.wire = nil
	return err
}

// Name is the source's address, for messages.
func (c *Conn) Name() string { return c.address }

// introduce asks the source who it is, and says who this replica is.
func (c *Conn) introduce(o Options) error {
	version, err := c.value("SELECT @@version")
	if err != nil {
		return err
	}
	var ok bool
	if c.Source.Version, ok = decoder.ParseVersion(version); !ok {
		return fmt.Errorf("expected a version in @@version, found %q", version)
	}
	id, err := c.value("SELECT @@server_id")
	if err != nil {
		return err
	}
	n, err := strconv.ParseUint(id, 10, 32)
	if err != nil {
		return fmt.Errorf("expected a number in @@server_id, found %q", id)
	}
	c.Source.ServerID = uint32(n)
	if c.Source.Version.Flavor == decoder.MySQL {
		// MySQL 5.5 has no UUID.
		c.Source.UUID, _ = c.value("SELECT @@server_uuid")
	}
	return c.present(o)
}

// Executed is what the source has executed: a set of GTIDs of MySQL, or MariaDB's position of its binary log.
func (c *Conn) Executed() (string, error) {
	variable := "gtid_executed"
	if c.Source.Version.Flavor == decoder.MariaDB {
		variable = "gtid_binlog_pos"
	}
	text, err := c.value("SELECT @@GLOBAL." + variable)
	if err != nil {
		return "", c.explain(err)
	}
	return text, nil
}

// present tells the source what this replica supports, before a dump, and registers it.
func (c *Conn) present(o Options) error {
	if c.ServerID == 0 {
		c.ServerID = drawServerID(c.takenServerIDs())
	}
	period := strconv.FormatInt(heartbeat.Nanoseconds(), 10)
	settings := []string{
		"SET @master_binlog_checksum = 'CRC32', @source_binlog_checksum = 'CRC32'",
		"SET @master_heartbeat_period = " + period + ", @source_heartbeat_period = " + period,
	}
	if c.Source.Version.Flavor == decoder.MariaDB {
		settings = append(settings, "SET @mariadb_slave_capability = 4")
	}
	for _, s := range settings {
		if _, err := c.execute(s); err != nil {
			return err
		}
	}
	if o.Register {
		return c.register(o.User)
	}
	return nil
}

// takenServerIDs are the server ids of the source and, if the account may list them, of its replicas.
func (c *Conn) takenServerIDs() []uint32 {
	taken := []uint32{c.Source.ServerID}
	question := "SHOW SLAVE HOSTS"
	if v := c.Source.Version; v.Flavor == decoder.MySQL && v.AtLeast(8, 0, 22) {
		question = "SHOW REPLICAS"
	}
	result, err := c.execute(question)
	if err != nil || result.Resultset == nil {
		return taken
	}
	for i := range result.RowNumber() {
		if id, err := result.GetUint(i, 0); err == nil {
			taken = append(taken, uint32(id))
		}
	}
	return taken
}

// firstDrawn is the first server id to draw from. People and tools use low numbers.
const firstDrawn = 1 << 31

func drawServerID(taken []uint32) uint32 {
	for {
		if id := firstDrawn + rand.Uint32N(firstDrawn-1); !slices.Contains(taken, id) {
			return id
		}
	}
}

// guard makes an error of a panic of go-mysql, which panics on wrong lengths in an answer.
func (c *Conn) guard(question string, err *error) {
	if recover() != nil {
		*err = &fault.Error{Reason: ErrNotServer, What: fmt.Sprintf("the source %s sent what is no answer to %s", c.address, question)}
	}
}

// execute runs a query.
func (c *Conn) execute(query string) (_ *mysql.Result, err error) {
	defer c.guard(query, &err)
	return c.conn.Execute(query)
}

// value queries one value.
func (c *Conn) value(query string) (string, error) {
	result, err := c.execute(query)
	if err != nil {
		return "", err
	}
	if result.Resultset == nil || result.RowNumber() == 0 {
		return "", fmt.Errorf("%s: expected a row, found none", query)
	}
	return result.GetString(0, 0)
}

// register sends COM_REGISTER_SLAVE (MySQL source: Repl_replica_registration::register_replica).
//
//	bytes  field
//	1      0x15
//	4      server id
//	1 + n  host name, 1 + n user, 1 + n password: for display only
//	2      port
//	4      rank, unused
//	4      source's server id, unused
func (c *Conn) register(user string) error {
	host, _ := os.Hostname()
	p := newCommand(mysql.COM_REGISTER_SLAVE)
	p.uint32(c.ServerID)
	p.shortString(host)
	p.shortString(user)
	p.shortString("")
	p.uint16(0)
	p.uint32(0)
	p.uint32(0)
	if err := c.send(p); err != nil {
		return err
	}
	return c.readOK("COM_REGISTER_SLAVE")
}

func (c *Conn) readOK(question string) (err error) {
	defer c.guard(question, &err)
	_, err = c.conn.ReadOKPacket()
	return err
}

// serverError is the error that a packet of the server holds.
func (c *Conn) serverError(packet []byte) (err error) {
	defer c.guard("COM_BINLOG_DUMP", &err)
	return c.conn.HandleErrorPacket(packet)
}

// send sends a command.
func (c *Conn) send(p command) error {
	c.conn.ResetSequence()
	return c.conn.WritePacket(p)
}
