package live

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"

	"github.com/go-sql-driver/mysql"
)

// The servers' error numbers that have an advice (MySQL: mysqld_error.h).
const (
	errDatabaseAccess = 1044 // ER_DBACCESS_DENIED_ERROR
	errAccess         = 1045 // ER_ACCESS_DENIED_ERROR
	errNoDatabase     = 1049 // ER_BAD_DB_ERROR
	errTableAccess    = 1142 // ER_TABLEACCESS_DENIED_ERROR
	errColumnAccess   = 1143 // ER_COLUMNACCESS_DENIED_ERROR
	errNoTable        = 1146 // ER_NO_SUCH_TABLE
	errPrivilege      = 1227 // ER_SPECIFIC_ACCESS_DENIED_ERROR
	errAccessNoPass   = 1698 // ER_ACCESS_DENIED_NO_PASSWORD_ERROR
)

// ConnectionError: the server could not be reached, or did not let the account in.
type ConnectionError struct {
	Address string
	Err     error
	Advice  string
}

func (e *ConnectionError) Error() string {
	return fmt.Sprintf("no connection to %s: %v", e.Address, e.Err)
}
func (e *ConnectionError) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *ConnectionError) Hint() string { return e.Advice }

// PrivilegeError: the account may not ask what has to be asked.
type PrivilegeError struct {
	Needs string // what was asked for
	Grant string // the statement that lets it, up to TO
	Err   error
}

func (e *PrivilegeError) Error() string { return fmt.Sprintf("%s: %v", e.Needs, e.Err) }
func (e *PrivilegeError) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *PrivilegeError) Hint() string {
	return "let the account read it: " + e.Grant + " TO the account that connects"
}

func connectionError(o *Options, err error) error {
	e := &ConnectionError{Address: o.Address(), Err: err}
	var verification *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var expired x509.CertificateInvalidError
	var dial *net.OpError
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case serverErrno(err) == errAccess, serverErrno(err) == errAccessNoPass:
		e.Advice = "-u USER names the account and -p asks for its password; ~/.my.cnf may hold both"
	case errors.As(err, &verification), errors.As(err, &unknown), errors.As(err, &expired):
		e.Advice = "the server's certificate is not accepted: --ssl-ca names who signed it; --ssl-mode=REQUIRED encrypts without asking who the server is"
	case errors.Is(err, mysql.ErrNoTLS):
		e.Advice = "the server has no TLS: --ssl-mode=DISABLED goes without"
	case errors.As(err, &dial) && dial.Op == "dial":
		e.Advice = "is the server running? -S names its socket, -h and -P its host and port"
	}
	return e
}

// serverErrno is the number of a server's own error, or 0.
func serverErrno(err error) uint16 {
	var server *mysql.MySQLError
	if errors.As(err, &server) {
		return server.Number
	}
	return 0
}

// denied says whether the server refused for want of a privilege.
func denied(err error) bool {
	switch serverErrno(err) {
	case errDatabaseAccess, errTableAccess, errColumnAccess, errPrivilege:
		return true
	}
	return false
}
