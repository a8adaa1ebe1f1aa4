// Package statement reads logged statements as the server that wrote them read them. In go the text, and what its reading
// depends on: the writer's flavour and version, its sql_mode and the character set of its client. Out come tokens
// (Scanner), or what the statement is (Classify). Every package that has to know where a quote ends, or whether a statement
// is DDL, asks here.
//
// The package follows the servers' lexers (MySQL source: sql/sql_lex.cc, lex_one_token; MariaDB has the same states), not
// their grammars: it reads what a server has accepted, and never says that a statement is wrong but for a quote or a comment
// that does not close. It knows no definitions and converts no character set: bytes of names and strings are as written.
package statement
