package statement_test

import (
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/statement"
)

// TestOwnText: the parts in [ ] are the server's.
func TestOwnText(t *testing.T) {
	mysql, mariaDB := decoder.Version{Flavor: decoder.MySQL, Major: 8}, decoder.Version{Flavor: decoder.MariaDB, Major: 11}
	for _, c := range []struct {
		writer decoder.Version
		marked string
	}{
		{mysql, "[CREATE ALGORITHM=UNDEFINED DEFINER=`ä`@`h` SQL SECURITY DEFINER VIEW `d`.`as`(`AS`, `b`) ]AS SELECT 1 AS `é`"},
		{mysql, "[ALTER DEFINER=`a`@`h` VIEW `中` ]AS SELECT '\xe9'"},
		{mysql, "[CREATE DEFINER=`ä`@`h` PROCEDURE `p(`](`a)` ENUM(')', '\xe9'))[\n    READS SQL DATA\n    COMMENT 'ä'\n]BEGIN\n    SET @a = 1;\nEND"},
		{mysql, "[CREATE DEFINER=`ä`@`h` FUNCTION `f`](a INT)[ RETURNS enum('é') CHARSET latin1\n]RETURN 1"},
		{mariaDB, "CREATE DEFINER=`\xe9`@`h` FUNCTION `f`(a INT)[ RETURNS int(11)\n    COMMENT 'x'\n]RETURN 1"},
		{mariaDB, "CREATE DEFINER=`a`@`h` VIEW `\xe9` AS SELECT 1"},
		{mysql, "[CREATE DEFINER=`ä`@`h` TRIGGER ]`\xe9` BEFORE INSERT ON t FOR EACH ROW SET @a = 1"},
		{mariaDB, "[CREATE DEFINER=`ä`@`h` EVENT ]`\xe9` ON SCHEDULE EVERY 1 DAY DO SET @a = 1"},
		{mysql, "ALTER DEFINER=`\xe9`@h EVENT e COMMENT 'x'"},
		{mysql, "DROP VIEW `\xe9`"},
		{mysql, "ALTER PROCEDURE p COMMENT '\xe9'"},
		{mysql, "CREATE DEFINER=a PROCEDURE"},
	} {
		sql := []byte(strings.NewReplacer("[", "", "]", "").Replace(c.marked))
		var got []byte
		at := 0
		for _, own := range statement.OwnText(sql, statement.Context{Writer: c.writer, Client: 8}) {
			got = append(append(append(append(got, sql[at:own.Start]...), '['), sql[own.Start:own.End]...), ']')
			at = own.End
		}
		if got = append(got, sql[at:]...); string(got) != c.marked {
			t.Errorf("got  %q\nwant %q", got, c.marked)
		}
	}
}
