// The events of a watch, one line of JSON each, and what may happen to them.
//
// Rules strike events after the initial list; what a list itself says is left
// to the fault "older". Held back, an event holds back all behind it, as a slow server would.
package main

import (
	"bufio"
	"encoding/json"
	"io"
	"time"
)

type event struct {
	line    []byte // with its newline
	kind    string // ADDED, MODIFIED, DELETED, BOOKMARK, ERROR
	object  string // namespace/name
	version string
	initial bool // of the initial list; its bookmark too
}

const initialEventsEnd = "k8s.io/initial-events-end"

func parse(line []byte) (e event, endsInitial bool) {
	var read struct {
		Type   string `json:"type"`
		Object struct {
			Metadata struct {
				Namespace       string            `json:"namespace"`
				Name            string            `json:"name"`
				ResourceVersion string            `json:"resourceVersion"`
				Annotations     map[string]string `json:"annotations"`
			} `json:"metadata"`
		} `json:"object"`
	}
	_ = json.Unmarshal(line, &read)
	m := read.Object.Metadata
	return event{line: line, kind: read.Type, object: m.Namespace + "/" + m.Name, version: m.ResourceVersion},
		read.Type == "BOOKMARK" && m.Annotations[initialEventsEnd] == "true"
}

// stream passes a watch on until either side ends it.
func (x *exchange) stream(from io.Reader, to answer, initial bool) error {
	path, query := x.r.URL.Path, x.r.URL.RawQuery
	memory := x.history.of(x.r)
	lines := make(chan []byte, 64)
	var failure error
	go func() {
		defer close(lines)
		reader := bufio.NewReaderSize(from, 64<<10)
		for {
			line, err := reader.ReadBytes('\n')
			if err != nil {
				if err != io.EOF {
					failure = err
				}
				return
			}
			select {
			case lines <- line:
			case <-x.ctx.Done():
				return
			}
		}
	}()
	for line := range lines {
		if memory == nil && !initial && !x.rules.watches(path, query) {
			if _, err := to.Write(line); err != nil {
				return err
			}
			continue
		}
		e, ends := parse(line)
		e.initial = initial
		initial = initial && !ends
		if memory != nil {
			memory.add(e)
		}
		if done, err := x.pass(e, to, lines); done || err != nil {
			return err
		}
	}
	if x.ctx.Err() != nil {
		return x.ctx.Err()
	}
	return failure
}

// pass sends one event, or what a rule makes of it; done where the watch ends with it.
func (x *exchange) pass(e event, to answer, lines <-chan []byte) (done bool, err error) {
	var rule *active
	if !e.initial && e.kind != "BOOKMARK" {
		rule = x.rules.fireEvent(x.r.URL.Path, x.r.URL.RawQuery, e.kind, e.object)
	}
	if rule == nil {
		_, err = to.Write(e.line)
		return false, err
	}
	switch rule.Fault {
	case "watch-drop":
		return false, nil
	case "watch-duplicate":
		_, err = to.Write(append(append([]byte{}, e.line...), e.line...))
		return false, err
	case "watch-hold":
		x.hold(rule)
		_, err = to.Write(e.line)
		return false, err
	case "watch-error":
		object := json.RawMessage(statusBody(rule.Status, rule.Reason, planned))
		line, _ := json.Marshal(map[string]any{"type": "ERROR", "object": object})
		_, err = to.Write(append(line, '\n'))
		return true, err
	default:
		for _, merged := range merge(append([]event{e}, x.within(rule.duration(), lines)...)) {
			if _, err = to.Write(merged.line); err != nil {
				break
			}
		}
		return false, err
	}
}

// within takes the events that come in that time.
func (x *exchange) within(d time.Duration, lines <-chan []byte) (events []event) {
	over := time.After(d)
	for {
		select {
		case line, more := <-lines:
			if !more {
				return events
			}
			e, _ := parse(line)
			if memory := x.history.of(x.r); memory != nil {
				memory.add(e)
			}
			events = append(events, e)
		case <-over:
			return events
		case <-x.ctx.Done():
			return events
		}
	}
}

// merge leaves the last event of each object, of the type that the first and the last make
// together. An object that came and went was never there.
func merge(events []event) (out []event) {
	first, last := map[string]event{}, map[string]int{}
	for i, e := range events {
		if _, seen := first[e.object]; !seen {
			first[e.object] = e
		}
		last[e.object] = i
	}
	for i, e := range events {
		if last[e.object] != i {
			continue
		}
		began := first[e.object].kind
		switch {
		case e.kind == "BOOKMARK" || e.kind == "ERROR":
		case began == "ADDED" && e.kind == "DELETED":
			continue
		case began == "ADDED":
			e = e.as("ADDED")
		case began != "ADDED" && e.kind == "ADDED":
			e = e.as("MODIFIED")
		}
		out = append(out, e)
	}
	return out
}

// as is the same event with another type.
func (e event) as(kind string) event {
	var read struct {
		Object json.RawMessage `json:"object"`
	}
	if json.Unmarshal(e.line, &read) != nil {
		return e
	}
	line, _ := json.Marshal(map[string]any{"type": kind, "object": read.Object})
	e.kind, e.line = kind, append(line, '\n')
	return e
}
