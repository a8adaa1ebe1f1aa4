// Package statement reads logged statements as the server that wrote them read them. In go the text and what decides how it is
// read: the writer's flavour and version, its sql_mode and its client's character set. Out come tokens (Scanner), or what the
// statement is (Classify). Every package that needs to know where a quote ends, or whether a statement is DDL, asks here.
//
// The package follows the servers' lexers (MySQL source: sql/sql_lex.cc, lex_one_token; MariaDB has the same states), not
// their grammars: it reads what a server has accepted. The only error that it finds in a statement is a quote or a comment that
// does not close. It knows no definitions and converts no character set: bytes of names and strings are as written.
package statement
