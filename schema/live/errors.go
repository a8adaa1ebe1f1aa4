package live

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"

	"github.com/go-sql-driver/mysql"

	"binmend/decoder/dial"
	"binmend/decoder/fault"
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

// The reasons why a server can't be reached, or does not say what it is asked.
var (
	ErrConnection  = fault.NewReason("no connection")
	ErrAccount     = ErrConnection.Kind("the server does not let the account in")
	ErrCertificate = ErrConnection.Kind("the server's certificate is not accepted")
	ErrNoTLS       = ErrConnection.Kind("the server has no TLS")
	ErrHandshake   = ErrConnection.Kind("no TLS that both sides know")
	ErrNotReached  = ErrConnection.Kind("nothing listens there")

	ErrOption     = fault.NewReason("an option of the connection can't be used")
	ErrServerName = ErrOption.Kind("not the name of a server")
	ErrPrivilege  = fault.NewReason("the account lacks a privilege")
	ErrNoTable    = fault.NewReason("the server has no such table")

	ErrRowsLost    = fault.NewReason("the connection is lost")
	ErrRowsRefused = fault.NewReason("the server refused the query")
	ErrRowsDenied  = fault.NewReason("the account may not read the table")

	ErrElsewhere  = fault.NewReason("the relay logs are not on this host")
	ErrNotAllowed = fault.NewReason("the relay logs may not be read")
	ErrWhichLog   = fault.NewReason("which relay log is not known")
)

// lacks is the error of a question that the account may not ask; grant is the statement that lets it, up to TO.
func lacks(question, grant string, err error) error {
	return &fault.Error{Reason: ErrPrivilege, About: question, Err: err, Facts: fault.Facts{Grant: grant}}
}

func connectionError(o *Options, err error) error {
	e := &fault.Error{Reason: ErrConnection, What: "no connection to " + o.Address(), Err: err}
	var verification *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var expired x509.CertificateInvalidError
	var network *net.OpError
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case serverErrno(err) == errAccess, serverErrno(err) == errAccessNoPass:
		e.Reason = ErrAccount
	case errors.As(err, &verification), errors.As(err, &unknown), errors.As(err, &expired):
		e.Reason = ErrCertificate
	case errors.Is(err, dial.ErrNoTLS):
		e.Reason = ErrNoTLS
	case errors.Is(err, dial.ErrHandshake):
		e.Reason = ErrHandshake
	case errors.As(err, &network) && network.Op == "dial":
		e.Reason = ErrNotReached
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

// denied reports whether the server refused for want of a privilege.
func denied(err error) bool {
	switch serverErrno(err) {
	case errDatabaseAccess, errTableAccess, errColumnAccess, errPrivilege:
		return true
	}
	return false
}
