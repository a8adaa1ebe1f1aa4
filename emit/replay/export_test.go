package replay

import (
	"binmend/decoder"
	"binmend/decoder/statement"
)

// SetLargeText makes rows and statements large from n bytes on, until restore is called.
func SetLargeText(n int) (restore func()) {
	kept := largeText
	largeText = n
	return func() { largeText = kept }
}

// Risks that the definitions of tables show: TableRisks lists those of the kinds given.
var TableRisks, HiddenNames, NotTakenBack = tableRisks, hiddenNames, notTakenBack

// UnequalCascades says what foreign keys may make otherwise than on the source.
var UnequalCascades = unequalCascades

// DependsOnDefaults reports whether a statement may make other columns with another value of explicit_defaults_for_timestamp.
func DependsOnDefaults(sql string, writer decoder.Version) bool {
	q := &decoder.Query{SQL: []byte(sql)}
	return dependsOnDefaults(q, statement.Read(q, writer), writer)
}
