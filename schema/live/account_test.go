package live_test

import (
	"context"
	"os/user"
	"strings"
	"testing"

	"binmend/fixtures/servers"
	"binmend/schema/live"
)

// The ways in which servers know an account. Debian's root has no password: the server asks the socket who it is.
func TestAccounts(t *testing.T) {
	self, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	every := servers.Lines()
	mysql := []*servers.Line{servers.MySQL97}
	mariadb := []*servers.Line{servers.MariaDB1011, servers.MariaDB118}
	for _, c := range []struct {
		name     string
		lines    []*servers.Line
		user     string
		create   string // the end of CREATE USER
		password string
		want     string // of the error; "" when it connects
	}{
		{"password", every, "ops", "IDENTIFIED BY 'se''cret'", "se'cret", ""},
		{"wrong password", every, "ops", "IDENTIFIED BY 'se''cret'", "secret", "Access denied for user"},
		{"sha256_password", mysql, "ops", "IDENTIFIED WITH sha256_password BY 'secret'", "secret", ""},
		{"socket", mysql, "ops", "IDENTIFIED WITH auth_socket AS '" + self.Username + "'", "", ""},
		{"socket", mariadb, self.Username, "IDENTIFIED VIA unix_socket", "", ""},
		{"another's socket", mariadb, "ops", "IDENTIFIED VIA unix_socket", "", "Access denied for user"},
	} {
		for _, line := range c.lines {
			t.Run(c.name+"/"+line.String(), func(t *testing.T) {
				server := servers.Start(t, line, servers.Options{})
				if line == servers.MySQL97 {
					server.MustExec(t, "INSTALL PLUGIN auth_socket SONAME 'auth_socket.so'")
				}
				account, drop := "'"+c.user+"'@localhost ", ""
				if c.user == "root" {
					drop = "DROP USER " + account + ";" // the tests run as root, which the server has already
				}
				server.MustExec(t, drop+"CREATE USER "+account+c.create)
				s, err := live.Connect(context.Background(), live.Options{Socket: server.Socket, User: c.user, Password: c.password})
				if err == nil {
					s.Close()
				}
				if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
					t.Errorf("got %v, want %q", err, c.want)
				}
			})
		}
	}
}
