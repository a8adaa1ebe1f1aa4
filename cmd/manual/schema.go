package manual

import (
	"embed"
	"io"
	"strings"

	"binmend/emit/display"
)

// The JSON Schemas of what commands print with --json: of the whole output, or of each line where there are several objects.
//
//go:embed schemas/*.json
var schemas embed.FS

// schemaTopic is the topic about JSON; with a command after it, that command's schema is shown.
const schemaTopic = "json"

// sameSchema names the command that prints the same as another one.
var sameSchema = map[string]string{"watch": "fix"}

// Schema is the JSON Schema of what a command prints with --json; ok is false where there is no such command.
func Schema(command string) (text string, ok bool) {
	if other, same := sameSchema[command]; same {
		command = other
	}
	b, err := schemas.ReadFile("schemas/" + command + ".json")
	return string(b), err == nil
}

// SchemaFiles are the schemas by the names of their files.
func SchemaFiles() map[string]string {
	files := map[string]string{}
	entries, err := schemas.ReadDir("schemas")
	if err != nil {
		panic(err) // they are compiled in
	}
	for _, e := range entries {
		files[e.Name()], _ = Schema(strings.TrimSuffix(e.Name(), ".json"))
	}
	return files
}

// jsonVersion is the version of the JSON form. It grows when a field changes its meaning or goes; new fields come without.
const jsonVersion = 1

// WriteJSON writes what Help explains as one JSON object; the program without those commands and topics that the name is not of.
func (p Program) WriteJSON(w io.Writer, name string) error {
	if name != "" {
		c, isCommand := p.command(name)
		t, isTopic := p.topic(name)
		p.Commands, p.Topics = []Command{}, []Topic{}
		if isCommand {
			p.Commands = []Command{c}
		}
		if isTopic {
			p.Topics = []Topic{t}
		}
	}
	e := display.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		Version int `json:"version"`
		Program
	}{jsonVersion, p})
}
