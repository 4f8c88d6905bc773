// Keys and certificates of a test cluster, good for 30 days.
package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// pki writes NAME.crt and NAME.key files to dir.
type pki struct{ dir string }

type authority struct {
	cert *x509.Certificate
	key  crypto.Signer
}

func (p pki) path(file string) string { return filepath.Join(p.dir, file) }

func (p pki) authority(name string) (authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return authority{}, err
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: name},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	cert, err := p.sign(name, template, authority{template, key}, key)
	return authority{cert, key}, err
}

// leaf writes a certificate for both server and client use.
func (p pki) leaf(ca authority, name string, subject pkix.Name, dns ...string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		Subject:     subject,
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	if len(dns) > 0 {
		template.DNSNames = dns
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv4(10, 0, 0, 1)}
		template.ExtKeyUsage = append(template.ExtKeyUsage, x509.ExtKeyUsageServerAuth)
	}
	_, err = p.sign(name, template, ca, key)
	return err
}

func (p pki) sign(name string, template *x509.Certificate, ca authority, key crypto.Signer) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	template.SerialNumber = serial
	template.NotBefore = time.Now().Add(-time.Hour)
	template.NotAfter = time.Now().Add(30 * 24 * time.Hour)
	der, err := x509.CreateCertificate(rand.Reader, template, ca.cert, key.Public(), ca.key)
	if err != nil {
		return nil, err
	}
	if err := p.write(name+".crt", "CERTIFICATE", der); err != nil {
		return nil, err
	}
	if err := p.writeKey(name, key); err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// serviceAccountKey writes the RSA pair that signs tokens (RS256, as kubeadm).
func (p pki) serviceAccountKey() error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return err
	}
	if err := p.write("sa.pub", "PUBLIC KEY", der); err != nil {
		return err
	}
	return p.writeKey("sa", key)
}

func (p pki) writeKey(name string, key crypto.Signer) error {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return p.write(name+".key", "PRIVATE KEY", der)
}

func (p pki) write(file, kind string, der []byte) error {
	return os.WriteFile(p.path(file), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}

// kubeconfig writes a self-contained kubeconfig for the client certificate name.
func (p pki) kubeconfig(file, name, server string) error {
	part := func(f string) (string, error) {
		b, err := os.ReadFile(p.path(f))
		return base64.StdEncoding.EncodeToString(b), err
	}
	ca, err := part("ca.crt")
	if err != nil {
		return err
	}
	cert, err := part(name + ".crt")
	if err != nil {
		return err
	}
	key, err := part(name + ".key")
	if err != nil {
		return err
	}
	return os.WriteFile(file, []byte(fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: default
clusters:
- name: default
  cluster: {server: %q, certificate-authority-data: %s}
users:
- name: default
  user: {client-certificate-data: %s, client-key-data: %s}
contexts:
- name: default
  context: {cluster: default, user: default}
`, server, ca, cert, key)), 0o600)
}
