// faultproxy stands between processes and an API server and fails as it is told.
//
//	faultproxy -upstream 127.0.0.1:6443 -ca ca.crt -cert webhook.crt -key webhook.key
//
// Prints one line {"proxy": URL, "control": URL} and ends when its standard input
// does, so that it never outlives who started it. What it does wrong is said over
// the control port (control.go) in rules (rules.go). It speaks HTTP/1.1 on both
// sides. Tokens pass through in the Authorization header; client certificates do not.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

type proxy struct {
	upstream string
	tls      *tls.Config
	client   *http.Transport
	rules    *ruleSet
	log      *journal
	history  *histories
	flights  *flights
	life     atomic.Int64 // of the client: one more at each of its deaths
}

// lifeKey is under which a connection's context says in which life it was opened.
type lifeKey struct{}

func main() {
	upstream := flag.String("upstream", "", "HOST:PORT of the API server")
	ca := flag.String("ca", "", "its certificate authority")
	cert := flag.String("cert", "", "this proxy's own certificate")
	key := flag.String("key", "", "and its key")
	flag.Parse()
	if err := run(*upstream, *ca, *cert, *key); err != nil {
		fmt.Fprintln(os.Stderr, "faultproxy:", err)
		os.Exit(1)
	}
}

func run(upstream, ca, cert, key string) error {
	pem, err := os.ReadFile(ca)
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return fmt.Errorf("-ca %s: holds no certificate", ca)
	}
	own, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return err
	}
	p := newProxy(upstream, &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12})
	quiet := log.New(io.Discard, "", 0) // broken connections are what this program is for
	server := &http.Server{
		Handler:      p,
		ErrorLog:     quiet,
		TLSConfig:    &tls.Config{Certificates: []tls.Certificate{own}, MinVersion: tls.VersionTLS12},
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){}, // no HTTP/2
		ConnContext: func(ctx context.Context, _ net.Conn) context.Context {
			return context.WithValue(ctx, lifeKey{}, p.life.Load())
		},
	}
	front, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	back, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go server.ServeTLS(front, "", "")
	go http.Serve(back, p.control())
	_ = json.NewEncoder(os.Stdout).Encode(map[string]string{
		"proxy": "https://" + front.Addr().String(), "control": "http://" + back.Addr().String()})
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

func newProxy(upstream string, config *tls.Config) *proxy {
	return &proxy{
		upstream: upstream,
		tls:      config,
		client: &http.Transport{
			TLSClientConfig: config, DisableCompression: true, MaxIdleConnsPerHost: 256,
			IdleConnTimeout: 30 * time.Second, TLSHandshakeTimeout: 10 * time.Second,
		},
		rules:   newRuleSet(),
		log:     &journal{},
		history: newHistories(),
		flights: newFlights(),
	}
}
