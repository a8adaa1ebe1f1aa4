// Package page writes HTML pages that need no network and no other file. In go a command's templates, style and script, and
// what its templates show; out comes a page with the head, the base style and the Content-Security-Policy that all pages
// share. The policy lets nothing load or run but the style and the script given here, whatever names the logs hold. It does
// not know what a page shows.
package page

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
)

//go:embed frame.html
var frameSource string

//go:embed frame.css
var frameStyle string

// Layout is how the pages of one command look.
type Layout struct {
	command       string
	style, script string
	template      *template.Template
}

// New returns the layout of a command's pages. The templates define "main" and "footer", and may define "sections", the
// links of the header. An empty script leaves the page without one.
func New(command, templates, style, script string) *Layout {
	t := template.Must(template.New("page").Parse(frameSource))
	return &Layout{command: command, style: frameStyle + style, script: script, template: template.Must(t.Parse(templates))}
}

// Write writes a page. The templates are given the content.
func (l *Layout) Write(w io.Writer, title string, lead []string, content any) error {
	return l.template.ExecuteTemplate(w, "page", struct {
		Command, Title, Policy string
		Style                  template.CSS
		Script                 template.JS
		Lead                   []string
		Content                any
	}{l.command, title, l.policy(), template.CSS(l.style), template.JS(l.script), lead, content})
}

func (l *Layout) policy() string {
	policy := "default-src 'none'; style-src " + hash(l.style)
	if l.script != "" {
		policy += "; script-src " + hash(l.script)
	}
	return policy + "; base-uri 'none'; form-action 'none'"
}

// hash is how a Content-Security-Policy names a text.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
