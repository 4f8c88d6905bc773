// One request: from the client, past the rules, to the API server and back.
package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

var anything = regexp.MustCompile("")

// exchange is one request under way.
type exchange struct {
	*proxy
	w      http.ResponseWriter
	r      *http.Request
	ctx    context.Context
	body   []byte
	rule   *active // that strikes this request; nil: none
	record record
}

// broken ends a request by closing the client's connection.
func broken() { panic(http.ErrAbortHandler) }

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context())
	defer p.flights.begin(r.URL.Path, r.URL.RawQuery, cancel)()
	x := &exchange{proxy: p, w: w, r: r, ctx: ctx, record: record{
		Arrived: seconds(time.Now()), Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery}}
	var err error
	if x.body, err = io.ReadAll(r.Body); err != nil {
		broken()
	}
	x.record.Audiences = audiences(r, x.body)
	if x.rule = p.rules.fire(r.Method, r.URL.Path, r.URL.RawQuery); x.rule != nil {
		x.record.Rule = x.rule.Name
	}
	x.run()
}

func (x *exchange) run() {
	if x.strikes("before") {
		return
	}
	if x.rule != nil && x.rule.Fault == "older" && x.serveOlder() {
		return
	}
	if x.r.Context().Value(lifeKey{}) != x.life.Load() {
		broken() // the client that asked is dead
	}
	x.record.Forwarded = true
	response, err := x.ask(x.r.URL.RawQuery)
	if err != nil {
		x.log.add(x.record)
		broken()
	}
	defer response.Body.Close()
	x.record.Status = response.StatusCode
	if x.strikes("after") {
		return
	}
	x.log.add(x.record)
	var to answer = whole{x.w}
	if x.rule != nil && x.rule.Fault == "cut-answer" {
		if to, err = newCut(x.w, x.rule.At); err != nil {
			broken()
		}
	}
	to.head(response.StatusCode, forwarded(response.Header), response.ContentLength)
	watch := x.r.URL.Query().Get("watch") == "true"
	memory := x.history.of(x.r)
	if watch && response.StatusCode == http.StatusOK {
		err = x.stream(response.Body, to, x.r.URL.Query().Get("sendInitialEvents") == "true")
	} else if memory != nil && x.r.Method == http.MethodGet && response.StatusCode == http.StatusOK {
		var body []byte
		if body, err = io.ReadAll(response.Body); err == nil {
			memory.keep(forwarded(response.Header), body)
			_, err = to.Write(body)
		}
	} else {
		_, err = io.CopyBuffer(to, struct{ io.Reader }{response.Body}, make([]byte, 64<<10))
	}
	to.end()
	if err != nil {
		broken()
	}
}

// strikes carries out the rule's part before or after the API server acts; true where that answers the request.
func (x *exchange) strikes(moment string) bool {
	if x.rule == nil {
		return false
	}
	rule := x.rule
	if rule.Fault == "kill" && moment == "after" {
		x.kill(rule.PIDFile)
	}
	if rule.Fault == "cut-request" && moment == "before" {
		x.record.Forwarded = true
		x.log.add(x.record)
		x.sendPart(rule.At)
		broken()
	}
	if rule.after() != (moment == "after") {
		return false
	}
	switch rule.Fault {
	case "delay":
		x.wait(rule.duration(), nil)
	case "hold":
		x.hold(rule)
	case "black-hole":
		x.record.Status = 0
		x.log.add(x.record)
		x.wait(rule.duration(), nil)
		broken()
	case "status":
		x.record.Status = rule.Status
		x.log.add(x.record)
		header := http.Header{"Content-Type": {"application/json"}}
		if rule.RetryAfter > 0 {
			header.Set("Retry-After", strconv.Itoa(rule.RetryAfter))
		}
		message := planned
		if rule.Echo {
			message += ": " + string(x.body)
		}
		body := statusBody(rule.Status, rule.Reason, message)
		to := whole{x.w}
		to.head(rule.Status, header, int64(len(body)))
		_, _ = to.Write(body)
		return true
	}
	return false
}

// kill ends the client between the API server's answer and its hearing of it; what it
// had still under way is broken, and what waits here is not sent.
func (x *exchange) kill(pidFile string) {
	text, _ := os.ReadFile(pidFile)
	if pid, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil && pid > 1 {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	x.life.Add(1)
	x.log.add(x.record)
	x.flights.drop(anything, anything)
	broken()
}

// wait lasts so long, or until `ready`; a client that goes away meanwhile is not served any more.
func (x *exchange) wait(d time.Duration, ready <-chan struct{}) {
	var timer <-chan time.Time
	if d > 0 {
		timer = time.After(d)
	} else if ready == nil {
		return
	}
	select {
	case <-timer:
	case <-ready:
	case <-x.ctx.Done():
		broken()
	}
}

func (x *exchange) hold(rule *active) {
	x.rules.count(rule, 1)
	defer x.rules.count(rule, -1)
	x.wait(rule.duration(), rule.release)
}

func (s *ruleSet) count(a *active, by int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a.Held += by
}

func (x *exchange) request(query string) (*http.Request, error) {
	target := *x.r.URL
	target.Scheme, target.Host, target.RawQuery = "https", x.upstream, query
	out, err := http.NewRequestWithContext(x.ctx, x.r.Method, target.String(), bytes.NewReader(x.body))
	if err != nil {
		return nil, err
	}
	out.Header = forwarded(x.r.Header)
	return out, nil
}

func (x *exchange) ask(query string) (*http.Response, error) {
	out, err := x.request(query)
	if err != nil {
		return nil, err
	}
	return x.client.RoundTrip(out)
}

// sendPart sends the first bytes of the request, head included, on a connection of its own and closes it.
func (x *exchange) sendPart(at int64) {
	out, err := x.request(x.r.URL.RawQuery)
	if err != nil {
		return
	}
	var text bytes.Buffer
	if out.Write(&text) != nil {
		return
	}
	conn, err := tls.Dial("tcp", x.upstream, x.tls)
	if err != nil {
		return
	}
	defer conn.Close()
	_, _ = conn.Write(text.Bytes()[:min(at, int64(text.Len()))])
}

func forwarded(header http.Header) http.Header {
	out := http.Header{}
	for name, values := range header {
		if !slices.Contains(notForwarded, name) {
			out[name] = values
		}
	}
	return out
}

// audiences are what a TokenRequest asks for; for any other request nothing.
func audiences(r *http.Request, body []byte) []string {
	if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/token") {
		return nil
	}
	var request struct {
		Spec struct {
			Audiences []string `json:"audiences"`
		} `json:"spec"`
	}
	_ = json.Unmarshal(body, &request)
	return request.Spec.Audiences
}
