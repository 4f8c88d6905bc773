package main

import (
	"fmt"
	"regexp"
	"strconv"
)

// call is one --do: a request, and how it must end.
type call struct {
	method, path, body string
	status             int
	noCredential       bool // there must be no token to make it with
}

type calls []call

var form = regexp.MustCompile(`^(GET|POST|PUT|PATCH|DELETE) (/\S*)(?: (\{.*\}))? expect ([1-5][0-9]{2}|none)$`)

func (c *calls) String() string { return fmt.Sprint(len(*c), " calls") }

func (c *calls) Set(s string) error {
	m := form.FindStringSubmatch(s)
	if m == nil {
		return fmt.Errorf(`%q is not "METHOD PATH [JSON BODY] expect STATUS|none"`, s)
	}
	status, _ := strconv.Atoi(m[4])
	*c = append(*c, call{method: m[1], path: m[2], body: m[3], status: status, noCredential: m[4] == "none"})
	return nil
}

func (c call) expected() string {
	if c.noCredential {
		return "no credential"
	}
	return strconv.Itoa(c.status)
}
