// Ways to send an answer to the client: whole, or cut at a byte.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"sync"
)

// Hop by hop (RFC 9110, 7.6.1), or written anew here.
var notForwarded = []string{"Connection", "Keep-Alive", "Transfer-Encoding", "Te", "Trailer", "Upgrade", "Content-Length"}

// answer sends a head and then a body as its parts arrive.
type answer interface {
	head(status int, header http.Header, length int64) // length -1: unknown, so chunked
	io.Writer                                          // and flushes
	end()
}

type whole struct {
	w http.ResponseWriter
}

func (a whole) head(status int, header http.Header, length int64) {
	for name, values := range header {
		a.w.Header()[name] = values
	}
	if length >= 0 {
		a.w.Header().Set("Content-Length", strconv.FormatInt(length, 10))
	}
	a.w.WriteHeader(status)
	a.w.(http.Flusher).Flush()
}

func (a whole) Write(p []byte) (int, error) {
	n, err := a.w.Write(p)
	a.w.(http.Flusher).Flush()
	return n, err
}

func (a whole) end() {}

// cut lets so many bytes of the answer pass, head included, then closes the connection.
type cut struct {
	conn    net.Conn
	left    int64
	chunked bool
}

func newCut(w http.ResponseWriter, at int64) (*cut, error) {
	conn, _, err := w.(http.Hijacker).Hijack()
	return &cut{conn: conn, left: at}, err
}

func (c *cut) raw(p []byte) error {
	if int64(len(p)) >= c.left {
		_, _ = c.conn.Write(p[:c.left])
		c.left = 0
		c.conn.Close()
		return io.ErrShortWrite
	}
	c.left -= int64(len(p))
	_, err := c.conn.Write(p)
	return err
}

func (c *cut) head(status int, header http.Header, length int64) {
	var text bytes.Buffer
	fmt.Fprintf(&text, "HTTP/1.1 %d %s\r\n", status, http.StatusText(status))
	_ = header.Write(&text)
	if c.chunked = length < 0; c.chunked {
		text.WriteString("Transfer-Encoding: chunked\r\n\r\n")
	} else {
		fmt.Fprintf(&text, "Content-Length: %d\r\n\r\n", length)
	}
	_ = c.raw(text.Bytes())
}

func (c *cut) Write(p []byte) (int, error) {
	framed := p
	if c.chunked {
		framed = fmt.Appendf(nil, "%x\r\n%s\r\n", len(p), p)
	}
	return len(p), c.raw(framed)
}

func (c *cut) end() { c.conn.Close() }

const planned = "by the fault proxy's plan"

// statusBody is a metav1.Status as the API server words it.
func statusBody(code int, reason, message string) []byte {
	usual := map[int]string{400: "BadRequest", 403: "Forbidden", 404: "NotFound", 409: "Conflict", 410: "Expired",
		429: "TooManyRequests", 500: "InternalError", 503: "ServiceUnavailable", 504: "Timeout"}
	if reason == "" {
		reason = usual[code]
	}
	body, _ := json.Marshal(map[string]any{"kind": "Status", "apiVersion": "v1", "metadata": map[string]any{},
		"status": "Failure", "message": message, "reason": reason, "code": code})
	return body
}

// flights are the requests under way, so that they can be broken from outside.
type flights struct {
	mu  sync.Mutex
	all map[*flight]struct{}
}

type flight struct {
	path, query string
	cancel      context.CancelFunc
}

func newFlights() *flights { return &flights{all: map[*flight]struct{}{}} }

func (f *flights) begin(path, query string, cancel context.CancelFunc) (end func()) {
	one := &flight{path, query, cancel}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all[one] = struct{}{}
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.all, one)
		cancel()
	}
}

func (f *flights) drop(path, query *regexp.Regexp) (dropped int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for one := range f.all {
		if path.MatchString(one.path) && query.MatchString(one.query) {
			one.cancel()
			dropped++
		}
	}
	return dropped
}
