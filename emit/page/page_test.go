package page

import (
	"html"
	"strings"
	"testing"
)

// TestWrite: what a log or a server names its tables stays text, and the policy names the style and the script by their hashes.
func TestWrite(t *testing.T) {
	hostile := `</style><script>alert(1)</script>`
	l := New("stats", `{{define "main"}}<p>{{.}}</p>{{end}}{{define "footer"}}end{{end}}`, "p { margin: 0 }", "let n = 1")
	var b strings.Builder
	if err := l.Write(&b, hostile, []string{hostile}, hostile); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	if strings.Contains(page, "alert(1)</script>") {
		t.Errorf("a name became a script:\n%s", page)
	}
	for _, want := range []string{"script-src " + hash("let n = 1"), "style-src " + hash(frameStyle+"p { margin: 0 }")} {
		if !strings.Contains(html.UnescapeString(page), want) {
			t.Errorf("the policy lacks %s:\n%s", want, page)
		}
	}

	b.Reset()
	if err := New("compare", `{{define "main"}}{{end}}{{define "footer"}}{{end}}`, "", "").Write(&b, "title", nil, nil); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "script") {
		t.Errorf("a page without a script names one:\n%s", b.String())
	}
}
