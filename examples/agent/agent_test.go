package main

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func credentials(t *testing.T, server *httptest.Server, token string) string {
	t.Helper()
	dir := t.TempDir()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	for file, content := range map[string]string{"token": token, "namespace": "agents", "ca.crt": string(ca)} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestReadsItsTokenAnewForEachCall(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer second" || r.URL.Path != "/api/v1/namespaces/agents/pods" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	defer server.Close()
	dir := credentials(t, server, "first")
	a := agent{dir: dir, server: server.URL}
	c := call{method: "GET", path: "/api/v1/namespaces/{namespace}/pods", status: 200}
	if status, err := a.do(c); err != nil || status != 401 {
		t.Fatalf("with the first token: %d, %v", status, err)
	}
	if a.until(c, 0) {
		t.Fatal("401 was taken for 200")
	}
	if err := os.WriteFile(filepath.Join(dir, "token"), []byte("second\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if !a.until(c, time.Second) {
		t.Fatal("the second token was not used")
	}
}

func TestExpectsNoCredential(t *testing.T) {
	a := agent{dir: t.TempDir(), server: "https://127.0.0.1:1"}
	if !a.until(call{method: "GET", path: "/", noCredential: true}, 0) {
		t.Fatal("an empty directory holds no credential")
	}
}

func TestFlagForm(t *testing.T) {
	var c calls
	for _, good := range []string{"GET /api expect 200", `PATCH /x {"a": {"b": 1}} expect 403`, "GET /x expect none"} {
		if err := c.Set(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	if c[1].body != `{"a": {"b": 1}}` || c[1].status != 403 {
		t.Errorf("parsed as %+v", c[1])
	}
	for _, bad := range []string{"", "GET api expect 200", "GET /api", "GET /api expect 99", "HEAD / expect 200"} {
		if err := c.Set(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}
