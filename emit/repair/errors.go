package repair

import "binmend/decoder/fault"

// The reasons why there is no repair, for errors.Is.
var (
	ErrNoLogs              = fault.NewReason("there is nothing to read")
	ErrWhichTransaction    = fault.NewReason("nothing names the transaction")
	ErrNotAHalf            = fault.NewReason("the number is that of neither half of a repair")
	ErrAheadWithoutStatus  = fault.NewReason("what is applied already is not known")
	ErrProbeWithoutReplica = fault.NewReason("there is no connection to the replica")
	ErrOtherServer         = fault.NewReason("the status and the log are of different servers")
	ErrCandidates          = fault.NewReason("nothing but the message names the transaction") // Name: the transactions that it fits
	ErrOtherTransaction    = fault.NewReason("the error is not about the transaction")
	ErrMovedOn             = fault.NewReason("the replica has moved on since its status was read") // and has removed relay logs
	ErrNotTheSource        = fault.NewReason("the replica replicates from another server")         // Name: the source as its status has it
	ErrNotOnSource         = fault.NewReason("the source has not executed the transaction")
	ErrNothingAfterPlace   = fault.NewReason("the source's log ends where the replica is")
	ErrPlaceUnknown        = fault.NewReason("where the transaction is in the source's log is not known")
	ErrNoRows              = fault.NewReason("the transactions change no row")
	ErrNoRowEvents         = ErrNoRows.Kind("the log is of a server that writes no row events")
	ErrPartlyExecuted      = fault.NewReason("the replica counts the transaction as executed, and has a part of it")
	ErrHalves              = fault.NewReason("the replica would commit a part of the transaction as the whole")
	ErrExecuted            = fault.NewReason("the replica counts the transaction as executed")
	ErrKeyOfReplica        = fault.NewReason("the source does not have the replica's unique key")
	ErrTooMuch             = fault.NewReason("the rows of the transactions take too much memory")
	ErrEndMissing          = fault.NewReason("the logs end before the transaction does")
)
