package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// agent calls the API server with whatever credentials lie in dir at that
// moment: they are renewed while a task runs and are gone when it ends.
type agent struct{ dir, server string }

// do makes one call on a fresh connection and returns the answer's status. The
// error is os.ErrNotExist where no token is there.
func (a agent) do(c call) (int, error) {
	token, err := a.read("token")
	if err != nil {
		return 0, err
	}
	namespace, err := a.read("namespace")
	if err != nil {
		return 0, err
	}
	authority, err := a.read("ca.crt")
	if err != nil {
		return 0, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(authority)) {
		return 0, fmt.Errorf("%s holds no certificate", filepath.Join(a.dir, "ca.crt"))
	}

	fill := strings.NewReplacer("{namespace}", namespace)
	request, err := http.NewRequest(c.method, a.server+fill.Replace(c.path), strings.NewReader(fill.Replace(c.body)))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", contentType(c.method))
	client := http.Client{
		Timeout: 10 * time.Second,
		Transport: &http.Transport{
			DisableKeepAlives: true,
			TLSClientConfig:   &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		},
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, err
}

func (a agent) read(file string) (string, error) {
	b, err := os.ReadFile(filepath.Join(a.dir, file))
	return strings.TrimSpace(string(b)), err
}

func contentType(method string) string {
	if method == http.MethodPatch {
		return "application/merge-patch+json"
	}
	return "application/json"
}
