// What is to go wrong: rules, each of which selects requests (or watch events) and says what happens to them.
package main

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"sync"
	"time"
)

// Rule is one line of a plan. Patterns must match the whole; an empty one matches anything.
type Rule struct {
	Name   string `json:"name"`
	Method string `json:"method"`
	Path   string `json:"path"`
	Query  string `json:"query"`
	Event  string `json:"event"`  // watch faults: the event's type
	Object string `json:"object"` // watch faults: the object's namespace/name

	Skip        int     `json:"skip"`        // selected this many times without a fault first
	Count       int     `json:"count"`       // how often at most; 0: each time
	Probability float64 `json:"probability"` // of each selection after Skip; 0: always

	Fault      string  `json:"fault"`
	When       string  `json:"when"`       // delay, hold, status, black-hole: "before" (default) or "after" the API server acts
	Seconds    float64 `json:"seconds"`    // delay, black-hole, older, watch-hold, watch-merge; hold: at most (0: until released)
	Status     int     `json:"status"`     // status, watch-error
	Reason     string  `json:"reason"`     // status: instead of the usual one of that code
	RetryAfter int     `json:"retryAfter"` // status: seconds
	Echo       bool    `json:"echo"`       // status: its message repeats the body of the request
	At         int64   `json:"at"`         // cut-request, cut-answer: bytes that still pass, head included
	PIDFile    string  `json:"pidFile"`    // kill: holds whom, by SIGKILL, once the API server has answered
	Events     int     `json:"events"`     // older: as many events behind
}

var faults = []string{"delay", "hold", "status", "black-hole", "cut-request", "cut-answer", "kill", "older",
	"watch-drop", "watch-duplicate", "watch-merge", "watch-hold", "watch-error"}

func (r *Rule) onEvents() bool { return len(r.Fault) > 6 && r.Fault[:6] == "watch-" }

func (r *Rule) after() bool { return r.When == "after" }

func (r *Rule) duration() time.Duration { return time.Duration(r.Seconds * float64(time.Second)) }

// active is a rule in force with what it has done so far. The ruleSet's lock guards the counters.
type active struct {
	Rule
	method, path, query, event, object *regexp.Regexp
	random                             *rand.Rand
	Matched, Fired, Held               int
	release                            chan struct{}
	released                           sync.Once
}

func (a *active) letGo() { a.released.Do(func() { close(a.release) }) }

type ruleSet struct {
	mu    sync.Mutex
	seed  uint64
	added uint64
	rules []*active
}

func newRuleSet() *ruleSet { return &ruleSet{} }

func (s *ruleSet) compile(r Rule, ordinal uint64) (*active, error) {
	if r.Name == "" || !slices.Contains(faults, r.Fault) {
		return nil, fmt.Errorf("rule %q: name is required and fault %q must be one of %v", r.Name, r.Fault, faults)
	}
	a := &active{Rule: r, random: rand.New(rand.NewPCG(s.seed, ordinal)), release: make(chan struct{})}
	for _, p := range []struct {
		to   **regexp.Regexp
		text string
	}{{&a.method, r.Method}, {&a.path, r.Path}, {&a.query, r.Query}, {&a.event, r.Event}, {&a.object, r.Object}} {
		if p.text == "" {
			continue
		}
		compiled, err := regexp.Compile("^(?:" + p.text + ")$")
		if err != nil {
			return nil, fmt.Errorf("rule %s: %w", r.Name, err)
		}
		*p.to = compiled
	}
	return a, nil
}

// add puts rules in force behind the others; all or none.
func (s *ruleSet) add(rules []Rule) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var compiled []*active
	for i, r := range rules {
		a, err := s.compile(r, s.added+uint64(i))
		if err != nil {
			return err
		}
		compiled = append(compiled, a)
	}
	s.added += uint64(len(rules))
	s.rules = append(s.rules, compiled...)
	return nil
}

// reset takes every rule away and lets go what they hold. The same seed and the same
// requests make the same rules fire again.
func (s *ruleSet) reset(seed uint64) {
	s.remove(func(*active) bool { return true })
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seed, s.added = seed, 0
}

func (s *ruleSet) remove(which func(*active) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = slices.DeleteFunc(s.rules, func(a *active) bool {
		if !which(a) {
			return false
		}
		a.letGo()
		return true
	})
}

// fire is the first rule of a request that strikes now, nil for none.
func (s *ruleSet) fire(method, path, query string) *active {
	return s.first(func(a *active) bool { return !a.onEvents() && a.selects(method, path, query) })
}

// fireEvent is the same for one event of a watch.
func (s *ruleSet) fireEvent(path, query, event, object string) *active {
	return s.first(func(a *active) bool {
		return a.onEvents() && a.selects("GET", path, query) && matches(a.event, event) && matches(a.object, object)
	})
}

// watches says whether any rule is about events of this watch.
func (s *ruleSet) watches(path, query string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.rules, func(a *active) bool { return a.onEvents() && a.selects("GET", path, query) })
}

func (s *ruleSet) first(selects func(*active) bool) *active {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.rules {
		if !selects(a) {
			continue
		}
		a.Matched++
		if a.Matched <= a.Skip || (a.Count > 0 && a.Fired >= a.Count) {
			continue
		}
		if a.Probability > 0 && a.random.Float64() >= a.Probability {
			continue
		}
		a.Fired++
		return a
	}
	return nil
}

func (a *active) selects(method, path, query string) bool {
	return matches(a.method, method) && matches(a.path, path) && matches(a.query, query)
}

func matches(pattern *regexp.Regexp, text string) bool {
	return pattern == nil || pattern.MatchString(text)
}
