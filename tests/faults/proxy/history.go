// What watches have said, so that a list can be served as it was some events ago:
// what a client sees that comes to an API server which lags behind.
package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"
)

type histories struct {
	mu   sync.Mutex
	path *regexp.Regexp // nil: none is remembered
	all  map[string]*history
}

func newHistories() *histories { return &histories{all: map[string]*history{}} }

func (h *histories) remember(path *regexp.Regexp) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.path, h.all = path, map[string]*history{}
}

// of is the history that a watch or list belongs to, nil where it is not remembered. Watches of the same path
// in another form (metadata only) are another history.
func (h *histories) of(r *http.Request) *history {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.path == nil || !h.path.MatchString(r.URL.Path) {
		return nil
	}
	key := r.URL.Path + " " + r.Header.Get("Accept")
	if r.URL.Query().Get("watch") != "true" {
		key += " " + r.URL.RawQuery
	}
	if h.all[key] == nil {
		h.all[key] = &history{}
	}
	return h.all[key]
}

// history is one initial list with its closing bookmark, and every event since.
type history struct {
	mu       sync.Mutex
	reading  []event // an initial list that is not complete
	initial  []event
	bookmark event
	events   []event
	answers  []kept // of plain GETs, the last few
}

type kept struct {
	header http.Header
	body   []byte
}

const answersKept = 16

func (h *history) add(e event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case e.kind == "ERROR":
	case e.initial && e.kind == "BOOKMARK":
		// The events since the earlier list stay: how things were before this one is what is asked for.
		if h.bookmark.line == nil {
			h.initial = h.reading
		}
		h.bookmark, h.reading = e, nil
	case e.initial:
		h.reading = append(h.reading, e)
	case e.kind != "BOOKMARK" && (len(h.events) == 0 || newer(e, h.events[len(h.events)-1])):
		h.events = append(h.events, e)
	}
}

func newer(a, b event) bool {
	x, _ := strconv.ParseUint(a.version, 10, 64)
	y, _ := strconv.ParseUint(b.version, 10, 64)
	return x > y
}

// back is the list as it was so many events ago, with its bookmark; nil where nothing is known.
func (h *history) back(events int) (lines []byte, version string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.bookmark.line == nil || len(h.events) == 0 {
		return nil, ""
	}
	known := h.events[:max(len(h.events)-events, 0)]
	version = h.events[0].version // one before the first would be as good, and is not known
	if len(known) > 0 {
		version = known[len(known)-1].version
	} else if v, err := strconv.ParseUint(version, 10, 64); err == nil {
		version = strconv.FormatUint(v-1, 10)
	}
	var order []string
	state := map[string]event{}
	for _, e := range slices.Concat(h.initial, known) {
		if _, there := state[e.object]; !there {
			order = append(order, e.object)
		}
		state[e.object] = e
	}
	var out bytes.Buffer
	for _, name := range order {
		if e := state[name]; e.kind != "DELETED" {
			out.Write(e.as("ADDED").line)
		}
	}
	var bookmark map[string]any
	if json.Unmarshal(h.bookmark.line, &bookmark) != nil {
		return nil, ""
	}
	bookmark["object"].(map[string]any)["metadata"].(map[string]any)["resourceVersion"] = version
	line, _ := json.Marshal(bookmark)
	out.Write(append(line, '\n'))
	return out.Bytes(), version
}

// serveOlder answers a WatchList as things were, stays there for the rule's time, and goes on with the real
// events since; false where there is nothing older to serve. Of a plain GET it is the
// answer of so many times ago.
func (x *exchange) serveOlder() bool {
	memory := x.history.of(x.r)
	query := x.r.URL.Query()
	if memory == nil {
		return false
	}
	if query.Get("watch") != "true" {
		return x.serveOlderAnswer(memory)
	}
	if query.Get("sendInitialEvents") != "true" {
		return false
	}
	lines, version := memory.back(x.rule.Events)
	if lines == nil {
		return false
	}
	x.record.Status, x.record.Forwarded = http.StatusOK, true
	x.log.add(x.record)
	to := whole{x.w}
	to.head(http.StatusOK, http.Header{"Content-Type": {"application/json"}}, -1)
	if _, err := to.Write(lines); err != nil {
		broken()
	}
	x.wait(max(x.rule.duration(), time.Millisecond), nil)
	query.Del("sendInitialEvents")
	query.Del("resourceVersionMatch")
	query.Set("resourceVersion", version)
	response, err := x.ask(query.Encode())
	if err != nil {
		broken()
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		_, _ = io.Copy(to, response.Body)
		broken()
	}
	if x.stream(response.Body, to, false) != nil {
		broken()
	}
	return true
}

func (h *history) keep(header http.Header, body []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answers = append(h.answers, kept{header, body})
	h.answers = h.answers[max(len(h.answers)-answersKept, 0):]
}

func (x *exchange) serveOlderAnswer(memory *history) bool {
	memory.mu.Lock()
	answers := memory.answers
	memory.mu.Unlock()
	if len(answers) == 0 || x.r.Method != http.MethodGet {
		return false
	}
	old := answers[max(len(answers)-max(x.rule.Events, 1), 0)]
	x.record.Status = http.StatusOK
	x.log.add(x.record)
	to := whole{x.w}
	to.head(http.StatusOK, old.header, int64(len(old.body)))
	_, _ = to.Write(old.body)
	return true
}
