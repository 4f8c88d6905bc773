// `controlplane up`: a control plane on free loopback ports, with a hollow node
// or none. Its state, keys and logs live in one directory.
package main

import (
	"cmp"
	"context"
	"crypto/x509/pkix"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientset "k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// realNode is the node that node.sh adds to a cluster without a hollow one.
// Its name must resolve to 127.0.0.1, for that is where the API server asks it
// for logs and exec.
const realNode = "localhost"

const issuer = "https://kubernetes.default.svc.cluster.local"

// As kubeadm does: the administrator's group gets its rights by RBAC, so that they can be taken away. The
// certificate of system:masters, which no authorizer is asked about, stays in the pki folder.
const (
	admins     = "kubeadm:cluster-admins"
	superAdmin = "super-admin"
)

type repeated []string

func (r *repeated) String() string     { return strings.Join(*r, " ") }
func (r *repeated) Set(s string) error { *r = append(*r, s); return nil }

type cluster struct {
	dir     string
	start   time.Time
	verbose string
}

func up(args []string) {
	fs := flag.NewFlagSet("up", flag.ExitOnError)
	dir := fs.String("dir", "", "state directory (required; created)")
	node := fs.String("node", "hollow-1", "name of the hollow node; empty for none")
	sync := fs.Duration("sync-frequency", time.Minute, "the hollow kubelet's sync frequency (bounds how long a changed Secret takes to reach a pod's files)")
	authz := fs.String("authorization-config", "", "AuthorizationConfiguration file; without it --authorization-mode=Node,RBAC")
	gates := fs.String("feature-gates", "", "feature gates of the API server")
	keep := fs.Duration("timeout", 90*time.Second, "how long to wait for the cluster")
	verbose := fs.String("v", "1", "log level of every component")
	var apiserverArgs, kcmArgs repeated
	fs.Var(&apiserverArgs, "apiserver-arg", "further kube-apiserver argument (repeatable)")
	fs.Var(&kcmArgs, "kcm-arg", "further kube-controller-manager argument (repeatable)")
	_ = fs.Parse(args[1:])
	if *dir == "" || fs.NArg() > 0 {
		fs.Usage()
		os.Exit(2)
	}
	if *gates != "" {
		apiserverArgs = append(apiserverArgs, "--feature-gates="+*gates)
	}
	if *authz != "" {
		apiserverArgs = append(apiserverArgs, "--authorization-config="+*authz)
	} else {
		apiserverArgs = append(apiserverArgs, "--authorization-mode=Node,RBAC")
	}
	abs, err := filepath.Abs(*dir)
	if err != nil {
		fail(err)
	}
	c := &cluster{dir: abs, start: time.Now(), verbose: *verbose}
	ctx, cancel := context.WithTimeout(context.Background(), *keep)
	defer cancel()
	if err := c.up(ctx, *node, *sync, apiserverArgs, kcmArgs); err != nil {
		fmt.Fprintln(os.Stderr, "up:", err)
		_ = stopAll(abs)
		os.Exit(1)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func (c *cluster) file(parts ...string) string {
	return filepath.Join(append([]string{c.dir}, parts...)...)
}

func (c *cluster) say(what string) {
	fmt.Printf("%6.2fs %s\n", time.Since(c.start).Seconds(), what)
}

func (c *cluster) up(ctx context.Context, node string, sync time.Duration, apiserverArgs, kcmArgs []string) error {
	for _, d := range []string{"pki", "logs"} {
		if err := os.MkdirAll(c.file(d), 0o700); err != nil {
			return err
		}
	}
	if _, err := os.Stat(c.file("pids")); err == nil {
		return fmt.Errorf("%s exists: run 'down --dir %s' first", c.file("pids"), c.dir)
	}
	ports, err := freePorts(3)
	if err != nil {
		return err
	}
	server := fmt.Sprintf("https://127.0.0.1:%d", ports[2])
	if err := c.credentials(server, node); err != nil {
		return err
	}
	c.say("credentials written")

	etcd := fmt.Sprintf("http://127.0.0.1:%d", ports[0])
	peer := fmt.Sprintf("http://127.0.0.1:%d", ports[1])
	if err := c.spawn("etcd",
		"--data-dir="+c.file("etcd"), "--unsafe-no-fsync",
		"--listen-client-urls="+etcd, "--advertise-client-urls="+etcd,
		"--listen-peer-urls="+peer, "--initial-advertise-peer-urls="+peer,
		"--initial-cluster=default="+peer, "--log-level=warn"); err != nil {
		return err
	}
	if err := c.poll(ctx, "etcd", func() bool {
		conn, err := net.DialTimeout("tcp", strings.TrimPrefix(etcd, "http://"), time.Second)
		if err == nil {
			conn.Close()
		}
		return err == nil
	}); err != nil {
		return err
	}

	p := func(f string) string { return c.file("pki", f) }
	if err := c.spawn("kube-apiserver", append([]string{
		"--etcd-servers=" + etcd,
		"--bind-address=127.0.0.1", "--secure-port=" + strconv.Itoa(ports[2]),
		"--advertise-address=127.0.0.1", "--endpoint-reconciler-type=none",
		"--service-cluster-ip-range=10.0.0.0/24",
		"--tls-cert-file=" + p("apiserver.crt"), "--tls-private-key-file=" + p("apiserver.key"),
		"--client-ca-file=" + p("ca.crt"),
		"--service-account-issuer=" + issuer, "--api-audiences=" + issuer,
		"--service-account-key-file=" + p("sa.pub"), "--service-account-signing-key-file=" + p("sa.key"),
		"--requestheader-client-ca-file=" + p("front-proxy-ca.crt"),
		"--requestheader-allowed-names=front-proxy-client",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--requestheader-group-headers=X-Remote-Group",
		"--requestheader-username-headers=X-Remote-User",
		"--proxy-client-cert-file=" + p("front-proxy-client.crt"), "--proxy-client-key-file=" + p("front-proxy-client.key"),
		"--kubelet-client-certificate=" + p("kubelet-client.crt"), "--kubelet-client-key=" + p("kubelet-client.key"),
		"--enable-aggregator-routing=true", // webhooks by Service: straight to the pod, for there is no kube-proxy
		"--enable-admission-plugins=NodeRestriction",
		"--allow-privileged=true", "--v=" + c.verbose}, apiserverArgs...)...); err != nil {
		return err
	}
	rest, err := clientcmd.BuildConfigFromFlags("", c.file("pki", superAdmin+".kubeconfig"))
	if err != nil {
		return err
	}
	rest.QPS = -1
	client, err := clientset.NewForConfig(rest)
	if err != nil {
		return err
	}
	if err := c.poll(ctx, "kube-apiserver", func() bool {
		b, err := client.Discovery().RESTClient().Get().AbsPath("/readyz").DoRaw(ctx)
		return err == nil && string(b) == "ok"
	}); err != nil {
		return err
	}

	if err := bindAdmins(ctx, client); err != nil {
		return err
	}

	if err := c.spawn("kube-controller-manager", append([]string{
		"--kubeconfig=" + c.file("controller-manager.kubeconfig"),
		"--leader-elect=false", "--secure-port=0", "--use-service-account-credentials",
		"--kube-api-qps=500", "--kube-api-burst=1000", // 20/30 would take 6 s for its accounts
		"--service-account-private-key-file=" + p("sa.key"), "--root-ca-file=" + p("ca.crt"),
		"--cluster-signing-cert-file=" + p("ca.crt"), "--cluster-signing-key-file=" + p("ca.key"),
		"--v=" + c.verbose}, kcmArgs...)...); err != nil {
		return err
	}
	if err := c.spawn("kube-scheduler", "--kubeconfig="+c.file("scheduler.kubeconfig"),
		"--leader-elect=false", "--secure-port=0", "--v="+c.verbose); err != nil {
		return err
	}
	if node != "" {
		if err := c.spawn("hollow-node", "--name="+node, "--kubeconfig="+c.file("node.kubeconfig"),
			"--root-dir="+c.file("node"), "--sync-frequency="+sync.String()); err != nil {
			return err
		}
	}
	if err := c.poll(ctx, "default ServiceAccount", func() bool {
		_, err := client.CoreV1().ServiceAccounts("default").Get(ctx, "default", metav1.GetOptions{})
		return err == nil
	}); err != nil {
		return err
	}
	if node != "" {
		if err := c.poll(ctx, "node "+node, func() bool { return nodeReady(ctx, client, node) }); err != nil {
			return err
		}
	}
	fmt.Printf("export KUBECONFIG=%s\n", c.file("admin.kubeconfig"))
	return nil
}

func nodeReady(ctx context.Context, client clientset.Interface, name string) bool {
	n, err := client.CoreV1().Nodes().Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return false
	}
	if len(n.Spec.Taints) > 0 { // the node lifecycle controller takes not-ready away a little later
		return false
	}
	for _, cond := range n.Status.Conditions {
		if cond.Type == corev1.NodeReady {
			return cond.Status == corev1.ConditionTrue
		}
	}
	return false
}

func (c *cluster) credentials(server, node string) error {
	p := pki{c.file("pki")}
	ca, err := p.authority("ca")
	if err != nil {
		return err
	}
	front, err := p.authority("front-proxy-ca")
	if err != nil {
		return err
	}
	err = errors.Join(
		p.serviceAccountKey(),
		p.leaf(ca, "apiserver", pkix.Name{CommonName: "kube-apiserver"}, "localhost", "kubernetes",
			"kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"),
		p.leaf(front, "front-proxy-client", pkix.Name{CommonName: "front-proxy-client"}),
		p.leaf(ca, superAdmin, pkix.Name{CommonName: superAdmin, Organization: []string{"system:masters"}}),
		p.leaf(ca, "admin", pkix.Name{CommonName: "admin", Organization: []string{admins}}),
		p.leaf(ca, "kubelet-client", pkix.Name{CommonName: "kube-apiserver-kubelet-client", Organization: []string{"system:masters"}}),
		p.leaf(ca, "webhook", pkix.Name{CommonName: "webhook"}, "localhost"), // for webhooks by URL on 127.0.0.1
		p.leaf(ca, "controller-manager", pkix.Name{CommonName: "system:kube-controller-manager"}),
		p.leaf(ca, "scheduler", pkix.Name{CommonName: "system:kube-scheduler"}),
		p.leaf(ca, "node", pkix.Name{CommonName: "system:node:" + cmp.Or(node, realNode), Organization: []string{"system:nodes"}}),
	)
	for _, name := range []string{"admin", "controller-manager", "scheduler", "node"} {
		err = errors.Join(err, p.kubeconfig(c.file(name+".kubeconfig"), name, server))
	}
	return errors.Join(err, p.kubeconfig(p.path(superAdmin+".kubeconfig"), superAdmin, server))
}

// bindAdmins gives the administrators their rights by RBAC.
func bindAdmins(ctx context.Context, client clientset.Interface) error {
	_, err := client.RbacV1().ClusterRoleBindings().Create(ctx, &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: admins},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "cluster-admin"},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: admins}},
	}, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) { // the directory holds a cluster from before
		return nil
	}
	return err
}

func (c *cluster) poll(ctx context.Context, what string, ready func() bool) error {
	for !ready() {
		if dead := c.dead(); dead != "" {
			return fmt.Errorf("%s ended, see %s", dead, c.file("logs", dead+".log"))
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready, see %s", what, c.file("logs"))
		case <-time.After(20 * time.Millisecond):
		}
	}
	c.say(what + " ready")
	return nil
}

// freePorts picks below the kernel's range for outgoing connections (from 32768
// on), so that none of those takes a port between this probe and its use.
func freePorts(n int) (ports []int, err error) {
	for tries := 0; len(ports) < n; tries++ {
		port := 20000 + rand.IntN(12000)
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			if tries > 100 {
				return nil, fmt.Errorf("no free port on 127.0.0.1: %w", err)
			}
			continue
		}
		defer l.Close() // all at once, so that they differ
		ports = append(ports, port)
	}
	return ports, nil
}
