package manual

import (
	"io/fs"
	"strings"
	"testing"
)

func TestPlain(t *testing.T) {
	got := plain(strings.Join([]string{
		"One `word` and **two**", "words.", "", "## Head of it", "", "* an item that goes on", "  in another line", "2. a second",
		"", "| a | what it is |", "| --- | --- |", "| `x` | the first |", "| long | the second |", "", "    kept  as it is", "```sql", "SELECT `a`;", "```", "<!-- gone -->",
	}, "\n"))
	want := strings.Join([]string{
		"One word and two", "words.", "", "HEAD OF IT", "", " * an item that goes on in another line", " 2. a second",
		"", "  a     what it is", "  x     the first", "  long  the second", "", "    kept  as it is", "    SELECT `a`;", "",
	}, "\n")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestTopics: every file is a topic, and no topic shows the signs that it is written in.
func TestTopics(t *testing.T) {
	listed := map[string]bool{}
	for _, topic := range Topics(nil) {
		listed[topic.Name+".md"] = true
		for _, sign := range []string{"**", "```", "](", "| ---", "<!--"} {
			for line := range strings.Lines(topic.Text) {
				if !strings.HasPrefix(line, "    ") && strings.Contains(line, sign) { // code has signs of its own
					t.Errorf("%s shows %q: %s", topic.Name, sign, line)
				}
			}
		}
		if topic.Usage == "" || len(topic.Text) < 200 {
			t.Errorf("%s says nothing", topic.Name)
		}
	}
	files, err := fs.ReadDir(texts, "topics")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !listed[f.Name()] {
			t.Errorf("%s is not listed", f.Name())
		}
	}
}
