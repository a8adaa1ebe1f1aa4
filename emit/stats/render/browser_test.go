package render

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binmend/fixtures/browser"
)

var pictures = flag.String("pictures", "", "write pictures of the page into this folder")

// open writes the sample's page and opens it.
func open(t *testing.T, width, height int) *browser.Page {
	t.Helper()
	var page bytes.Buffer
	if err := HTML(&page, sample(), made); err != nil {
		t.Fatal(err)
	}
	if n := page.Len(); n > 300_000 {
		t.Errorf("the page has %d bytes", n)
	}
	file := filepath.Join(t.TempDir(), "stats.html")
	if err := os.WriteFile(file, page.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return browser.Open(t, file, width, height)
}

func keep(t *testing.T, name string, picture []byte) {
	t.Helper()
	if *pictures == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(*pictures, name), picture, 0o644); err != nil {
		t.Fatal(err)
	}
}

// want compares the value of an expression.
func want[T comparable](t *testing.T, p *browser.Page, expression string, want T) {
	t.Helper()
	var got T
	if p.Eval(expression, &got); got != want {
		t.Errorf("%s: got %v, want %v", expression, got, want)
	}
}

// TestPageStandsAlone: the page asks for nothing, complains of nothing, and no name out of a log becomes markup.
func TestPageStandsAlone(t *testing.T) {
	p := open(t, 1200, 900)
	want(t, p, `document.title`, "binlog.000041 to binlog.000043, 3 files · binmend stats")
	want(t, p, `document.scripts.length + document.querySelectorAll("style").length + document.querySelectorAll("img, iframe, object, link").length`, 2)
	want(t, p, `document.querySelectorAll("h1").length`, 1)
	for _, name := range []string{`shop.<script>document.title='owned'</script>`, `shop."><img src=x onerror=document.title='owned'>`, `shop.</style><h1>owned</h1>`,
		`shop.line\nbreak\x1b[31m`, `shop.right\u202etfel`, `shop.表格`} {
		want(t, p, fmt.Sprintf(`[...document.querySelectorAll("#tables tbody th")].filter(e => e.textContent === %q).length`, name), 1)
	}
	if r := p.Requests(); len(r) != 1 {
		t.Errorf("the page asked for %v", r)
	}
	if problems := p.Problems(); problems != "" {
		t.Errorf("the console has %s", problems)
	}
}

// TestPageScriptsAreBarred: the policy keeps a script from running that is not the page's own.
func TestPageScriptsAreBarred(t *testing.T) {
	p := open(t, 1200, 900)
	var ran string
	p.Eval(`new Promise(done => {
		const script = document.createElement("script");
		script.textContent = "document.title = 'owned'";
		document.body.append(script);
		setTimeout(() => done(document.title), 50);
	})`, &ran)
	if ran == "owned" || !strings.Contains(p.Problems(), "Content Security Policy") {
		t.Errorf("a script that is not the page's own ran: title %q, console %s", ran, p.Problems())
	}
}

// TestPageByKeyboard: everything can be reached and used without a pointer.
func TestPageByKeyboard(t *testing.T) {
	p := open(t, 1200, 900)
	p.Press("Tab", 1)
	want(t, p, `document.activeElement.textContent`, "Skip to the content")
	p.Press("Enter", 1)
	want(t, p, `location.hash`, "#main")

	focus := func(selector string) {
		var ok bool
		p.Eval(fmt.Sprintf(`{ const e = document.querySelector(%q); e.focus(); e === document.activeElement }`, selector), &ok)
		if !ok {
			t.Errorf("%s can't be focused", selector)
		}
	}
	shown := `[...document.querySelectorAll(".plot")].filter(e => e.getClientRects().length).map(e => e.dataset.plot).join()`
	want(t, p, shown, "rows")
	focus(`[name=plot]:checked`)
	p.Press("ArrowRight", 1)
	want(t, p, shown, "tables")
	p.Press("ArrowRight", 1)
	want(t, p, shown, "bytes")

	focus("#cursor")
	p.Press("Home", 1)
	p.Press("ArrowRight", 6)
	want(t, p, `document.querySelector("output").textContent.split(" · ").slice(0, 3).join()`, "2026-03-14 02:05:00,Transactions 15,000,Rows 26,200")
	want(t, p, `document.querySelectorAll(".plot[data-plot=bytes] .here").length`, 1)

	first := `document.querySelector("#tables tbody th").textContent`
	focus("#tables thead th:nth-child(1) button")
	p.Press("Enter", 1)
	want(t, p, first, "shop."+hostile[7])
	want(t, p, `document.querySelector("#tables thead th").getAttribute("aria-sort")`, "ascending")
	focus("#tables thead th:nth-child(5) button")
	p.Press(" ", 1)
	want(t, p, first, "shop."+hostile[0])
	p.Press(" ", 1)
	want(t, p, first, "shop."+hostile[len(hostile)-1])
	want(t, p, `document.querySelectorAll("[aria-sort]").length`, 1)

	focus("#time summary")
	p.Press("Enter", 1)
	want(t, p, `document.querySelector("#time details").open`, true)
	want(t, p, `document.querySelectorAll("#buckets-t tbody tr").length`, 61)
}

// TestPageZooms: the mouse and the keyboard choose the time that the plots show; the scale can be one of powers of ten.
func TestPageZooms(t *testing.T) {
	p := open(t, 1200, 900)
	const bars = `[...document.querySelectorAll("[data-plot=rows] .bars > g")].filter(g => !g.hasAttribute("display")).length`
	want(t, p, bars, 60)
	want(t, p, `document.querySelector("output").textContent.includes("binmend events --transactions --start-position 35000 --stop-position 36000 binlog.000042")`, true)
	var box struct{ Left, Top, Width, Height float64 }
	p.Eval(`{ document.querySelector("[data-plot=rows]").scrollIntoView({ behavior: "instant" }); const b = document.querySelector("[data-plot=rows] svg").getBoundingClientRect();
		({ Left: b.left, Top: b.top, Width: b.width, Height: b.height }) }`, &box)
	x := func(viewBox float64) float64 { return box.Left + viewBox/1000*box.Width }
	p.Drag(x(70+460), box.Top+box.Height/2, x(70+460+153), box.Top+box.Height/2)
	want(t, p, bars+` >= 10 && `+bars+` <= 12`, true)
	want(t, p, `document.querySelectorAll(".brush").length`, 0)
	press := func(action string) {
		var ok bool
		p.Eval(`{ const b = document.querySelector(".plots [data-do=`+action+`]"); b.focus(); b === document.activeElement }`, &ok)
		p.Press("Enter", 1)
	}
	press("all")
	want(t, p, bars, 60)
	press("in")
	want(t, p, bars+` < 35`, true)
	press("out")
	want(t, p, bars, 60)

	const low = `Number(document.querySelector("[data-plot=bytes] [data-i='1'] .largest, [data-plot=bytes] [data-i='1'] .other").getAttribute("height"))`
	want(t, p, low+` < 10`, true)
	want(t, p, `(document.getElementById("log").click(), document.getElementById("log").checked)`, true)
	want(t, p, `[...document.querySelectorAll("[data-plot=bytes] [data-i='1'] rect:not(.reach)")].reduce((sum, r) => sum + Number(r.getAttribute("height")), 0) > 100`, true)
	want(t, p, `document.querySelectorAll("[data-plot=bytes] .grid:not([display])").length`, 1)
	if problems := p.Problems(); problems != "" {
		t.Errorf("the console has %s", problems)
	}
}

// TestPageTables: a table can be searched, and saved as CSV; what a spreadsheet would calculate is text there.
func TestPageTables(t *testing.T) {
	p := open(t, 1200, 900)
	const rows = `[...document.querySelectorAll("#tables tbody tr")].filter(r => !r.hidden).length`
	want(t, p, rows, len(hostile))
	var ok bool
	p.Eval(`{ const e = document.querySelector("#tables input[type=search]"); e.focus(); e.value = "表格"; e.dispatchEvent(new Event("input")); true }`, &ok)
	want(t, p, rows, 1)
	var text string
	p.Eval(`new Promise(done => {
		const create = URL.createObjectURL;
		URL.createObjectURL = blob => { blob.text().then(done); return create(blob); };
		document.querySelector("#tables button[aria-label$=CSV]").click();
	})`, &text)
	if lines := strings.Split(text, "\r\n"); len(lines) != 4 || !strings.HasPrefix(lines[2], `"(212 other tables)","1000",`) || !strings.HasPrefix(lines[0], `"Table","Rows",`) || !strings.HasPrefix(lines[1], `"shop.表格","206002","200000","6000","2","180000","33554432",`) {
		t.Errorf("the CSV is %q", text)
	}
	want(t, p, `document.querySelectorAll("table").length === document.querySelectorAll("button[aria-label$=CSV]").length`, true)
	if problems := p.Problems(); problems != "" {
		t.Errorf("the console has %s", problems)
	}
}

// TestPageIsAccessible: what a screen reader needs is there, and text stands out from its ground, in light, dark and print.
func TestPageIsAccessible(t *testing.T) {
	p := open(t, 1200, 900)
	for what, selector := range map[string]string{
		"a column without scope":       `thead th:not([scope=col])`,
		"a row without scope":          `tbody th:not([scope=row])`,
		"a section without a name":     `section:not([aria-labelledby])`,
		"a plot without a name":        `.plot svg:not([role=img][aria-label])`,
		"a scroll area without a name": `.scroll:not([tabindex="0"][role=region][aria-label])`,
		"a picture that is read aloud": `.share:not([aria-hidden=true])`,
		"a name for nothing":           `label[for]:not([for=cursor])`,
	} {
		want(t, p, fmt.Sprintf(`[%q, [...document.querySelectorAll(%q)].map(e => e.outerHTML.slice(0, 80)).join()].join(": ")`, what, selector), what+": ")
	}
	want(t, p, `[...document.querySelectorAll("section")].filter(s => !document.getElementById(s.getAttribute("aria-labelledby"))).length`, 0)
	want(t, p, `[...document.querySelectorAll("a[href^='#']")].filter(a => !document.querySelector(a.getAttribute("href"))).length`, 0)
	for _, medium := range []struct{ name, scheme string }{{"screen", "light"}, {"screen", "dark"}, {"print", "dark"}} {
		p.Emulate(medium.name, medium.scheme)
		want(t, p, lowContrast, "")
		keep(t, medium.name+"-"+medium.scheme+".png", p.Picture())
	}
	p.Emulate("screen", "dark")
	want(t, p, `getComputedStyle(document.body).backgroundColor`, "rgb(20, 23, 27)")
}

// lowContrast lists the elements with text whose contrast is less than 4.5 to 1, and the parts of plots with less than
// 2.5 to 1 (WCAG 2: 1.4.3; 1.4.11 asks 3 of what is not told otherwise, and the tables tell it).
const lowContrast = `(() => {
	const channels = color => (color.match(/[\d.]+/g) || []).map(Number);
	const light = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
		.reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
	const ground = e => {
		for (; e; e = e.parentElement) {
			const c = channels(getComputedStyle(e).backgroundColor);
			if (c.length === 3 || c[3] > 0) return c;
		}
		return [255, 255, 255];
	};
	const contrast = (a, b) => { const [x, y] = [light(a), light(b)].sort((m, n) => n - m); return (x + .05) / (y + .05); };
	const bad = new Set();
	for (const e of document.querySelectorAll("body *")) {
		if (!e.getClientRects().length || e.closest("script, .skip")) continue;
		const style = getComputedStyle(e);
		const text = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
		const svg = e instanceof SVGElement;
		const ratio = contrast(channels(svg ? style.fill : style.color), ground(e));
		if (text && e.tagName !== "title" && ratio < 4.5) bad.add(e.tagName + "." + (e.className.baseVal ?? e.className) + " " + ratio.toFixed(2));
		if (svg && e.matches(".bars rect:not(.reach), .share rect") && ratio < 2.5) bad.add("rect." + e.className.baseVal + " " + ratio.toFixed(2));
	}
	return [...bad].join();
})()`

// TestPageFits: on a telephone nothing but tables and plots is wider than the window; on paper all is there.
func TestPageFits(t *testing.T) {
	p := open(t, 360, 740)
	want(t, p, `document.documentElement.scrollWidth <= 360`, true)
	keep(t, "narrow.png", p.Picture())

	p.Emulate("print", "light")
	hidden := `[...document.querySelectorAll("nav, .choice, .cursor, summary")].filter(e => e.getClientRects().length).length`
	want(t, p, hidden, 0)
	want(t, p, `[...document.querySelectorAll("#buckets-t, #events-t")].filter(e => e.getClientRects()[0]?.height > 0).length`, 2)
	pdf := p.PDF()
	if pages := bytes.Count(pdf, []byte("/Type /Page\n")); !bytes.HasPrefix(pdf, []byte("%PDF-")) || pages < 2 || pages > 12 {
		t.Errorf("printed on %d pages, %d bytes", pages, len(pdf))
	}
	keep(t, "page.pdf", pdf)
}
