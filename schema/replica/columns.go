package replica

import "strings"

// columnShape says how far a column's value reaches in the text.
type columnShape uint8

const (
	unknownColumn columnShape = iota
	oneLine
	oneWord   // names of files, positions and transactions: a following line of one word is the rest of a wrapped value
	manyLines // messages and GTID sets: following lines belong to it until the next known column
)

// columns are the names that the servers print, in SLAVE and MASTER words and lower case. A line that begins with one of
// them ends a value of many lines; any other line there is part of the value.
var columns = columnTable(`
	connection_name slave_sql_state slave_io_state master_host master_user master_port connect_retry
	slave_io_running slave_sql_running last_errno skip_counter relay_log_space until_condition until_log_file
	until_log_pos master_ssl_allowed master_ssl_ca_file master_ssl_ca_path master_ssl_cert master_ssl_cipher
	master_ssl_key seconds_behind_master master_ssl_verify_server_cert last_io_errno last_sql_errno
	replicate_ignore_server_ids master_server_id master_info_file sql_delay sql_remaining_delay
	slave_sql_running_state master_retry_count master_bind last_io_error_timestamp last_sql_error_timestamp
	master_ssl_crl master_ssl_crlpath auto_position channel_name master_tls_version master_public_key_path
	get_master_public_key network_namespace using_gtid replicate_do_domain_ids replicate_ignore_domain_ids
	parallel_mode slave_ddl_groups slave_non_transactional_groups slave_transactional_groups retried_transactions
	max_relay_log_size executed_log_entries slave_received_heartbeats slave_heartbeat_period master_last_event_time
	slave_last_event_time master_slave_time_diff worker_id thread_id service_state last_error_number
	last_error_timestamp last_applied_transaction_original_commit_timestamp
	last_applied_transaction_immediate_commit_timestamp last_applied_transaction_start_apply_timestamp
	last_applied_transaction_end_apply_timestamp applying_transaction_original_commit_timestamp
	applying_transaction_immediate_commit_timestamp applying_transaction_start_apply_timestamp
	last_applied_transaction_retries_count last_applied_transaction_last_transient_error_number
	last_applied_transaction_last_transient_error_timestamp applying_transaction_retries_count
	applying_transaction_last_transient_error_number applying_transaction_last_transient_error_timestamp group_name
	last_queued_transaction queueing_transaction @@version @@version_comment version() filter_name @@lower_case_table_names
`, `
	master_log_file read_master_log_pos relay_log_file relay_log_pos relay_master_log_file exec_master_log_pos
	master_uuid last_seen_transaction last_applied_transaction applying_transaction last_processed_transaction
	processing_transaction replicate_do_db replicate_ignore_db replicate_do_table replicate_ignore_table
	replicate_wild_do_table replicate_wild_ignore_table replicate_rewrite_db filter_rule
`, `
	last_error last_io_error last_sql_error retrieved_gtid_set executed_gtid_set gtid_io_pos gtid_slave_pos
	last_error_message last_applied_transaction_last_transient_error_message
	applying_transaction_last_transient_error_message received_transaction_set
`)

func columnTable(single, words, multiple string) map[string]columnShape {
	t := map[string]columnShape{}
	for _, name := range strings.Fields(single) {
		t[name] = oneLine
	}
	for _, name := range strings.Fields(words) {
		t[name] = oneWord
	}
	for _, name := range strings.Fields(multiple) {
		t[name] = manyLines
	}
	return t
}

// canonical brings a printed column name into the words of the table above: Replica_IO_State, "Slave IO State" and
// slave_io_state are one.
func canonical(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == '_' || r == ' ' || r == '-' })
	for i, w := range words {
		switch w {
		case "replica":
			words[i] = "slave"
		case "source":
			words[i] = "master"
		}
	}
	return strings.Join(words, "_")
}

// columnShapeOf is how far the value of a column reaches, by any spelling of its name, with the name in the table's words.
func columnShapeOf(name string) (columnShape, string) {
	const longest = 80
	if len(name) > longest {
		return unknownColumn, ""
	}
	canon := canonical(name)
	return columns[canon], canon
}

// isModern reports whether a name says Replica or Source.
func isModern(name string) bool {
	lower := "_" + strings.ToLower(name)
	return strings.Contains(lower, "_replica_") || strings.Contains(lower, "_source_") || strings.HasSuffix(lower, "_source")
}
