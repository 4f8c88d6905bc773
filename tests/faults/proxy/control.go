// The control port: plain HTTP and JSON on the loopback.
//
//	PUT    /rules        {"seed": 7, "rules": [...]}   these instead of all others
//	POST   /rules        {"rules": [...]}              these besides
//	DELETE /rules?name=  one no more; what it holds goes on
//	GET    /rules        {name: {"matched", "fired", "held"}}
//	POST   /release?name=  what the rule holds goes on, and it holds nothing more
//	POST   /drop?path=&query=  breaks each request under way that matches
//	PUT    /remember?path=  which watches "older" will be asked of
//	GET    /log?since=N  records from number N+1 on
package main

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"sync"
	"time"
)

// record is one request of the log, numbered by when it was answered or given up.
type record struct {
	Number    int      `json:"number"`
	Arrived   float64  `json:"arrived"`  // Unix seconds
	Answered  float64  `json:"answered"` // when the answer's head was there
	Method    string   `json:"method"`
	Path      string   `json:"path"`
	Query     string   `json:"query"`
	Status    int      `json:"status"`    // what the client is told; 0: nothing
	Forwarded bool     `json:"forwarded"` // the API server was asked
	Rule      string   `json:"rule"`      // the rule that struck
	Audiences []string `json:"audiences"` // of a TokenRequest
}

type journal struct {
	mu      sync.Mutex
	records []record
}

func (j *journal) add(r record) {
	r.Answered = seconds(time.Now())
	j.mu.Lock()
	defer j.mu.Unlock()
	r.Number = len(j.records) + 1
	j.records = append(j.records, r)
}

func seconds(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }

func (j *journal) since(n int) []record {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]record{}, j.records[min(max(n, 0), len(j.records)):]...)
}

func (p *proxy) control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /rules", func(w http.ResponseWriter, r *http.Request) { p.takeRules(w, r, true) })
	mux.HandleFunc("POST /rules", func(w http.ResponseWriter, r *http.Request) { p.takeRules(w, r, false) })
	mux.HandleFunc("DELETE /rules", func(_ http.ResponseWriter, r *http.Request) {
		p.rules.remove(func(a *active) bool { return a.Name == r.FormValue("name") })
	})
	mux.HandleFunc("GET /rules", func(w http.ResponseWriter, _ *http.Request) { reply(w, p.rules.state()) })
	mux.HandleFunc("POST /release", func(_ http.ResponseWriter, r *http.Request) { p.rules.release(r.FormValue("name")) })
	mux.HandleFunc("POST /drop", func(w http.ResponseWriter, r *http.Request) {
		withPatterns(w, r, func(path, query *regexp.Regexp) { reply(w, p.flights.drop(path, query)) })
	})
	mux.HandleFunc("PUT /remember", func(w http.ResponseWriter, r *http.Request) {
		withPatterns(w, r, func(path, _ *regexp.Regexp) { p.history.remember(path) })
	})
	mux.HandleFunc("GET /log", func(w http.ResponseWriter, r *http.Request) {
		since, _ := strconv.Atoi(r.FormValue("since"))
		reply(w, p.log.since(since))
	})
	return mux
}

func (p *proxy) takeRules(w http.ResponseWriter, r *http.Request, instead bool) {
	var plan struct {
		Seed  uint64 `json:"seed"`
		Rules []Rule `json:"rules"`
	}
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&plan)
	if err == nil {
		if instead {
			p.rules.reset(plan.Seed)
		}
		err = p.rules.add(plan.Rules)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
}

func (s *ruleSet) state() map[string]map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]map[string]int{}
	for _, a := range s.rules {
		out[a.Name] = map[string]int{"matched": a.Matched, "fired": a.Fired, "held": a.Held}
	}
	return out
}

func (s *ruleSet) release(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.rules {
		if a.Name == name {
			a.letGo()
		}
	}
}

func withPatterns(w http.ResponseWriter, r *http.Request, then func(path, query *regexp.Regexp)) {
	path, err := regexp.Compile("^(?:" + r.FormValue("path") + ")$")
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	query, err := regexp.Compile(r.FormValue("query"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	then(path, query)
}

func reply(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}
