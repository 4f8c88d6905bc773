// An example agent: it does what its flags say, one call after the other, with
// the credentials that its task was given, and prints a JSON line for each.
//
//	agent --do "GET /api/v1/namespaces/{namespace}/configmaps expect 200" \
//	      --do "GET /api/v1/namespaces/{namespace}/secrets expect 403" --hold 5s
//
// It exits with 1 when a call does not end as expected, with 2 on bad flags.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"
)

// line is one line of output. It has no field that could hold a token.
type line struct {
	Time     string `json:"time"`
	Call     string `json:"call"`
	Status   int    `json:"status,omitempty"`
	Expected string `json:"expected"`
	OK       bool   `json:"ok"`
	Error    string `json:"error,omitempty"`
}

func main() {
	var calls calls
	flag.Var(&calls, "do", `a call, "METHOD PATH [BODY] expect STATUS"; {namespace} stands for the agent's own (repeatable, in order)`)
	dir := flag.String("credentials", "/var/run/secrets/errand.dev", "directory with token, ca.crt and namespace")
	within := flag.Duration("within", 0, "how long to repeat a call until it ends as expected")
	hold := flag.Duration("hold", 0, "how long to wait after the last call")
	loop := flag.Duration("loop", 0, "do it all again after this pause, for ever; expectations are then only reported")
	flag.Parse()
	if flag.NArg() > 0 || len(calls) == 0 {
		flag.Usage()
		os.Exit(2)
	}
	agent := agent{dir: *dir, server: server()}
	ok := agent.all(calls, *within)
	for *loop > 0 {
		time.Sleep(*loop)
		agent.all(calls, *within)
	}
	time.Sleep(*hold)
	if !ok {
		os.Exit(1)
	}
}

// server is where the API server is, by the environment that the kubelet gives
// to every container.
func server() string {
	host, port := os.Getenv("KUBERNETES_SERVICE_HOST"), os.Getenv("KUBERNETES_SERVICE_PORT")
	if host == "" || port == "" {
		fmt.Fprintln(os.Stderr, "agent: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: this runs in a pod")
		os.Exit(2)
	}
	return "https://" + host + ":" + port
}

func (a agent) all(calls calls, within time.Duration) bool {
	good := true
	for _, c := range calls {
		good = a.until(c, within) && good
	}
	return good
}

// until repeats a call each 200 ms while it does not end as expected and there
// is time; each outcome that differs from the one before it is printed.
func (a agent) until(c call, within time.Duration) bool {
	deadline := time.Now().Add(within)
	var last line
	for {
		l := line{Call: c.method + " " + c.path, Expected: c.expected()}
		status, err := a.do(c)
		l.Status, l.OK = status, err == nil && status == c.status
		if c.noCredential {
			l.OK = os.IsNotExist(err)
		}
		if err != nil {
			l.Error = err.Error()
		}
		if l != last {
			last = l
			l.Time = time.Now().UTC().Format(time.RFC3339Nano)
			_ = json.NewEncoder(os.Stdout).Encode(l)
		}
		if l.OK || time.Now().After(deadline) {
			return l.OK
		}
		time.Sleep(200 * time.Millisecond)
	}
}
