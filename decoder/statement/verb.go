package statement

import "strings"

// Kind is the group that a statement belongs to.
type Kind uint8

const (
	Unknown Kind = iota // not recognised; it may do anything
	Control             // begins, ends or divides a transaction
	DDL                 // defines tables, databases, views, programs and the like
	DML                 // changes rows, or calls something that may
	Account             // users, roles and privileges
	Admin               // maintenance and settings
)

func (k Kind) String() string {
	return [...]string{"unknown", "control", "DDL", "DML", "account", "admin"}[k]
}

// Verb is the word or words that a statement begins with.
type Verb uint8

const (
	NoVerb Verb = iota
	Begin       // and START TRANSACTION
	Commit
	Rollback // of the whole transaction
	RollbackTo
	Savepoint
	Release // of a savepoint
	XAStart // and XA BEGIN
	XAEnd
	XAPrepare
	XACommit
	XARollback

	Create
	Alter
	Drop
	Rename
	Truncate

	Insert
	Replace
	Update
	Delete
	Load // DATA or XML
	Call
	Do
	Select
	Table
	Values
	With // without a recognised statement
	Handler
	Execute

	Grant
	Revoke
	Set

	Analyze
	Optimize
	Repair
	Check
	Checksum
	Flush
	Install
	Uninstall
	Reset
	Import
	LoadIndex
	Lock
	Unlock
	Start // not of a transaction
	Stop
	Change
	Purge
	Kill
	Prepare
	Deallocate
	Use
	Show
	Explain
	verbs
)

// kinds are the verbs' groups and words. This is the only list of the statements that frame a transaction.
var kinds = [verbs]struct {
	kind Kind
	name string
}{
	NoVerb: {Unknown, "OTHER"},

	Begin: {Control, "BEGIN"}, Commit: {Control, "COMMIT"}, Rollback: {Control, "ROLLBACK"}, RollbackTo: {Control, "ROLLBACK TO"},
	Savepoint: {Control, "SAVEPOINT"}, Release: {Control, "RELEASE"}, XAStart: {Control, "XA START"}, XAEnd: {Control, "XA END"},
	XAPrepare: {Control, "XA PREPARE"}, XACommit: {Control, "XA COMMIT"}, XARollback: {Control, "XA ROLLBACK"},

	Create: {DDL, "CREATE"}, Alter: {DDL, "ALTER"}, Drop: {DDL, "DROP"}, Rename: {DDL, "RENAME"}, Truncate: {DDL, "TRUNCATE"},

	Insert: {DML, "INSERT"}, Replace: {DML, "REPLACE"}, Update: {DML, "UPDATE"}, Delete: {DML, "DELETE"}, Load: {DML, "LOAD DATA"},
	Call: {DML, "CALL"}, Do: {DML, "DO"}, Select: {DML, "SELECT"}, Table: {DML, "TABLE"}, Values: {DML, "VALUES"},
	With: {DML, "WITH"}, Handler: {DML, "HANDLER"}, Execute: {DML, "EXECUTE"},

	Grant: {Account, "GRANT"}, Revoke: {Account, "REVOKE"}, Set: {Admin, "SET"},

	Analyze: {Admin, "ANALYZE"}, Optimize: {Admin, "OPTIMIZE"}, Repair: {Admin, "REPAIR"}, Check: {Admin, "CHECK"},
	Checksum: {Admin, "CHECKSUM"}, Flush: {Admin, "FLUSH"}, Install: {Admin, "INSTALL"}, Uninstall: {Admin, "UNINSTALL"},
	Reset: {Admin, "RESET"}, Import: {Admin, "IMPORT"}, LoadIndex: {Admin, "LOAD INDEX"}, Lock: {Admin, "LOCK"},
	Unlock: {Admin, "UNLOCK"}, Start: {Admin, "START"}, Stop: {Admin, "STOP"}, Change: {Admin, "CHANGE"}, Purge: {Admin, "PURGE"},
	Kill: {Admin, "KILL"}, Prepare: {Admin, "PREPARE"}, Deallocate: {Admin, "DEALLOCATE"}, Use: {Admin, "USE"},
	Show: {Admin, "SHOW"}, Explain: {Admin, "EXPLAIN"},
}

func (v Verb) String() string { return kinds[v].name }

// verbsByWord are the verbs that one word names.
var verbsByWord = func() map[string]Verb {
	words := map[string]Verb{"LOAD": Load, "DESC": Explain, "DESCRIBE": Explain}
	for v := Begin; v < verbs; v++ {
		if name := kinds[v].name; !strings.Contains(name, " ") {
			words[name] = v
		}
	}
	return words
}()

// Object is the kind of object of a CREATE, ALTER, DROP or RENAME.
type Object uint8

const (
	NoObject Object = iota
	TableObject
	DatabaseObject
	IndexObject
	ViewObject
	TriggerObject
	ProcedureObject
	FunctionObject
	PackageObject
	EventObject
	SequenceObject
	UserObject
	RoleObject
	TablespaceObject
	ServerObject
	LogfileObject
	ResourceObject
	ReferenceSystemObject
	InstanceObject
	LibraryObject
	objects
)

var objectNames = [objects]string{"", "TABLE", "DATABASE", "INDEX", "VIEW", "TRIGGER", "PROCEDURE", "FUNCTION", "PACKAGE", "EVENT",
	"SEQUENCE", "USER", "ROLE", "TABLESPACE", "SERVER", "LOGFILE GROUP", "RESOURCE GROUP", "SPATIAL REFERENCE SYSTEM", "INSTANCE",
	"LIBRARY"}

func (o Object) String() string { return objectNames[o] }

// objectsByWord are the objects by the word that names them, or by the first of several words.
var objectsByWord = map[string]Object{
	"TABLE": TableObject, "TABLES": TableObject, "DATABASE": DatabaseObject, "SCHEMA": DatabaseObject, "INDEX": IndexObject,
	"VIEW": ViewObject, "TRIGGER": TriggerObject, "PROCEDURE": ProcedureObject, "FUNCTION": FunctionObject, "PACKAGE": PackageObject,
	"EVENT": EventObject, "SEQUENCE": SequenceObject, "USER": UserObject, "ROLE": RoleObject, "TABLESPACE": TablespaceObject,
	"SERVER": ServerObject, "LOGFILE": LogfileObject, "RESOURCE": ResourceObject, "REFERENCE": ReferenceSystemObject,
	"INSTANCE": InstanceObject, "LIBRARY": LibraryObject,
}
