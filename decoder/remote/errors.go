package remote

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"

	"github.com/go-mysql-org/go-mysql/mysql"

	"binmend/decoder/dial"
	"binmend/decoder/fault"
)

// Error numbers of sources that have advice (MySQL: mysqld_error.h).
const (
	errAccess       = 1045 // ER_ACCESS_DENIED_ERROR
	errPrivilege    = 1227 // ER_SPECIFIC_ACCESS_DENIED_ERROR
	errFatalReading = 1236 // ER_MASTER_FATAL_ERROR_READING_BINLOG
	errAccessNoPass = 1698 // ER_ACCESS_DENIED_NO_PASSWORD_ERROR
	errTLSRequired  = 3159 // ER_SECURE_TRANSPORT_REQUIRED
)

// The reasons why the source can't be read. After ErrRefused and its kinds, trying again does not help; after the others it may.
var (
	ErrSource = fault.NewReason("the source can't be read")

	ErrNotReached = ErrSource.Kind("nothing listens there")
	ErrEnded      = ErrSource.Kind("the connection was ended")
	ErrSilent     = ErrSource.Kind("nothing comes from the source")
	ErrNotServer  = ErrSource.Kind("the answer is not a server's")

	ErrRefused     = ErrSource.Kind("the source refuses") // and will again
	ErrAccount     = ErrRefused.Kind("the account or its password is wrong")
	ErrGrant       = ErrRefused.Kind("the account lacks a privilege")
	ErrTLSRequired = ErrRefused.Kind("the source requires TLS")
	ErrNoTLS       = ErrRefused.Kind("the source has no TLS")
	ErrHandshake   = ErrRefused.Kind("no TLS that both sides know")
	ErrCertificate = ErrRefused.Kind("the source's certificate is not accepted")
	ErrNoRSAKeys   = ErrRefused.Kind("the login failed")
	ErrNoSemiSync  = ErrRefused.Kind("no semi-synchronous replication")
	ErrPurged      = ErrRefused.Kind("the source does not have this part of its log")
	ErrPastEnd     = ErrRefused.Kind("the source's log ends before the position")
	ErrPacket      = ErrRefused.Kind("an event is larger than the source sends")
	ErrSameID      = ErrRefused.Kind("another replica has the server id")
	ErrBadPosition = ErrRefused.Kind("no event begins at the position, or the log is damaged there")

	ErrBroken     = ErrSource.Kind("what came is no log")
	ErrEndless    = ErrBroken.Kind("the source sends nothing of its log")
	ErrBegunAnew  = ErrBroken.Kind("a log comes a second time")
	ErrNotAnEvent = ErrBroken.Kind("what stands at the position is no event")
)

// explain gives a reason to an error of go-mysql or the connection. If this side ended the connection, it is the context's
// error.
func (c *Conn) explain(err error) error {
	switch {
	case err == nil:
		return nil
	case c.ctx.Err() != nil:
		return c.ctx.Err()
	case errors.Is(err, ErrSource):
		return err
	case c.wire != nil && c.wire.Failed != nil:
		err = c.wire.Failed // go-mysql keeps only its text
	}
	var own *dial.CallerError
	if errors.As(err, &own) {
		return own.Err
	}
	if errors.Is(err, dial.ErrServer) {
		return &fault.Error{Reason: ErrRefused, Err: err}
	}
	e := &fault.Error{Reason: ErrSource, What: "the source " + c.address, Err: err}
	if !c.explainServer(e) && !explainTLS(e) {
		c.explainNetwork(e)
	}
	return e
}

// explainServer adds what a server's own error means.
func (c *Conn) explainServer(e *fault.Error) bool {
	var server *mysql.MyError
	if !errors.As(e.Err, &server) {
		return false
	}
	e.Err = fmt.Errorf("error %d: %s", server.Code, cut(server.Message))
	e.Reason = c.refusal(server)
	return true
}

// cut shortens a message. Servers write shorter ones.
func cut(message string) string { return message[:min(len(message), maxMessage)] }

const maxMessage = 512

// explainTLS explains errors of TLS.
func explainTLS(e *fault.Error) bool {
	var verification *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(e.Err, &verification), errors.As(e.Err, &unknown), errors.As(e.Err, &invalid):
		e.Reason = ErrCertificate
	case errors.Is(e.Err, dial.ErrNoTLS):
		e.Reason, e.Err = ErrNoTLS, errors.New("it has no TLS")
	case errors.Is(e.Err, dial.ErrHandshake):
		e.Reason = ErrHandshake
	default:
		return false
	}
	return true
}

// explainNetwork explains errors of the network.
func (c *Conn) explainNetwork(e *fault.Error) {
	var network *net.OpError
	switch {
	case errors.As(e.Err, &network) && network.Op == "dial":
		e.Reason = ErrNotReached
	case errors.Is(e.Err, io.EOF):
		e.Reason, e.Err = ErrEnded, errors.New("it has ended the connection")
	case errors.Is(e.Err, os.ErrDeadlineExceeded):
		e.Reason, e.Err = ErrSilent, fmt.Errorf("it has sent nothing for %v", readTimeout)
	case !c.login:
		e.Reason = ErrNotServer
	}
}

// refusal is the reason of a server's error.
func (c *Conn) refusal(err *mysql.MyError) *fault.Reason {
	switch err.Code {
	case errAccess, errAccessNoPass:
		if c.login { // MySQL 5.6 says so to COM_REGISTER_SLAVE
			return ErrGrant
		}
		return ErrAccount
	case errPrivilege:
		return ErrGrant
	case errTLSRequired:
		return ErrTLSRequired
	case errFatalReading:
		return fatalReason(err.Message)
	}
	return ErrSource
}

// fatalReason finds the reason of error 1236, which is only in its text.
func fatalReason(message string) *fault.Reason {
	has := func(parts ...string) bool {
		for _, p := range parts {
			if strings.Contains(message, p) {
				return true
			}
		}
		return false
	}
	switch {
	case has("purged", "Could not find first log", "could not find first log", "not in the master's binlog", "not in the source's binlog",
		"has been deleted", "Could not find GTID state"):
		return ErrPurged
	case has("> file size", "impossible position"):
		return ErrPastEnd
	case has("max_allowed_packet"):
		return ErrPacket
	case has("same server_uuid/server_id", "same server_id"):
		return ErrSameID
	case has("bogus data", "truncated in the middle of event", "event read from binlog"):
		return ErrBadPosition
	}
	return ErrRefused
}
