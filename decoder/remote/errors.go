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
)

// The sources' error numbers that have an advice (MySQL: mysqld_error.h).
const (
	errAccess       = 1045 // ER_ACCESS_DENIED_ERROR
	errPrivilege    = 1227 // ER_SPECIFIC_ACCESS_DENIED_ERROR
	errFatalReading = 1236 // ER_MASTER_FATAL_ERROR_READING_BINLOG
	errAccessNoPass = 1698 // ER_ACCESS_DENIED_NO_PASSWORD_ERROR
	errTLSRequired  = 3159 // ER_SECURE_TRANSPORT_REQUIRED
)

// Error: the source can't be read.
type Error struct {
	What   string // what was tried, or what is wrong
	Err    error  // may be nil
	Number uint16 // of the source's own error, or 0
	Lasts  bool   // it will be the same the next time: the source refuses
	Broken bool   // what came is no log
	Advice string
}

func (e *Error) Error() string {
	if e.Err == nil {
		return e.What
	}
	return e.What + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *Error) Hint() string { return e.Advice }

// explain makes an *Error of what go-mysql or the connection says. What this side ended is the context's error.
func (c *Conn) explain(err error) error {
	var done *Error
	switch {
	case err == nil:
		return nil
	case c.ctx.Err() != nil:
		return c.ctx.Err()
	case errors.As(err, &done):
		return err
	case c.wire != nil && c.wire.own != nil:
		return c.wire.own
	case c.wire != nil && c.wire.err != nil:
		err = c.wire.err // go-mysql keeps only its text
	}
	e := &Error{What: "the source " + c.address, Err: err}
	if !c.explainServer(e) && !explainTLS(e) {
		c.explainNetwork(e)
	}
	return e
}

// explainServer adds what a server's own error means.
func (c *Conn) explainServer(e *Error) bool {
	var server *mysql.MyError
	if !errors.As(e.Err, &server) {
		return false
	}
	e.Err, e.Number = fmt.Errorf("error %d: %s", server.Code, server.Message), server.Code
	e.Lasts, e.Advice = c.refusal(server)
	return true
}

// explainTLS adds what is wrong with the encryption.
func explainTLS(e *Error) bool {
	var verification *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(e.Err, &verification), errors.As(e.Err, &unknown), errors.As(e.Err, &invalid):
		e.Advice = "the source's certificate is not accepted: name who signed it, or ask for TLS without verification (REQUIRED)"
	case strings.Contains(e.Err.Error(), noTLS):
		e.Err, e.Advice = errors.New("it has no TLS"), "go without: ssl-mode DISABLED"
	default:
		return false
	}
	e.Lasts = true
	return true
}

// explainNetwork adds what may be wrong with the way to the source.
func (c *Conn) explainNetwork(e *Error) {
	var dial *net.OpError
	switch {
	case errors.As(e.Err, &dial) && dial.Op == "dial":
		e.Advice = "is the source running, and is this its host and port?"
	case errors.Is(e.Err, io.EOF):
		e.Err, e.Advice = errors.New("it has ended the connection"), "its error log may say why"
	case errors.Is(e.Err, os.ErrDeadlineExceeded):
		e.Err, e.Advice = fmt.Errorf("it has sent nothing for %v", readTimeout), "is it, or the network to it, overloaded?"
	case !c.login:
		e.Advice = "does a MySQL or MariaDB server listen there?"
	}
}

// refusal says whether a server's error is final, and what to do about it.
func (c *Conn) refusal(err *mysql.MyError) (final bool, advice string) {
	switch err.Code {
	case errAccess, errAccessNoPass:
		if c.login { // MySQL 5.6 says so to COM_REGISTER_SLAVE
			return true, grantAdvice
		}
		return true, "the account or its password is wrong for this source"
	case errPrivilege:
		return true, grantAdvice
	case errTLSRequired:
		return true, "the source wants TLS: ssl-mode REQUIRED"
	case errFatalReading:
		return true, fatalAdvice(err.Message)
	}
	return false, ""
}

const grantAdvice = "let the account read the log: GRANT REPLICATION SLAVE ON *.* TO the account that connects"

// fatalAdvice tells the reasons of error 1236 apart, which are only in its text.
func fatalAdvice(message string) string {
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
		return "the source has purged this part of its log, or never had it: take it from a backup of its logs, or from a server that has it"
	case has("> file size", "impossible position"):
		return "the source's file ends before this position: it lost its end in a crash, or this is another server"
	case has("max_allowed_packet"):
		return "an event is larger than the source lets its dump threads send: raise max_allowed_packet there"
	case has("same server_uuid/server_id", "same server_id"):
		return "another replica has this one's server id: each needs one of its own"
	case has("bogus data", "truncated in the middle of event", "event read from binlog"):
		return "does an event begin at this position of the source's log? If so, its file is damaged there: check it on the source"
	}
	return ""
}
