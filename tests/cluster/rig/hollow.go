// The hollow node: a real kubelet on a fake container runtime. Volumes are real
// files, containers run nothing.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	noopoteltrace "go.opentelemetry.io/otel/trace/noop"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/client-go/informers"
	clientset "k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/record"
	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"
	remote "k8s.io/cri-client/pkg"
	fakeremote "k8s.io/cri-client/pkg/fake"
	"k8s.io/klog/v2"
	kubeletapp "k8s.io/kubernetes/cmd/kubelet/app"
	"k8s.io/kubernetes/cmd/kubelet/app/options"
	"k8s.io/kubernetes/pkg/kubelet"
	cadvisortest "k8s.io/kubernetes/pkg/kubelet/cadvisor/testing"
	"k8s.io/kubernetes/pkg/kubelet/cm"
	containertest "k8s.io/kubernetes/pkg/kubelet/container/testing"
	probetest "k8s.io/kubernetes/pkg/kubelet/prober/testing"
	kubeletutil "k8s.io/kubernetes/pkg/kubelet/util"
	"k8s.io/kubernetes/pkg/util/oom"
	"k8s.io/kubernetes/pkg/volume"
	"k8s.io/kubernetes/pkg/volume/configmap"
	"k8s.io/kubernetes/pkg/volume/csi"
	"k8s.io/kubernetes/pkg/volume/downwardapi"
	"k8s.io/kubernetes/pkg/volume/emptydir"
	"k8s.io/kubernetes/pkg/volume/hostpath"
	"k8s.io/kubernetes/pkg/volume/projected"
	"k8s.io/kubernetes/pkg/volume/secret"
	"k8s.io/kubernetes/pkg/volume/util/hostutil"
	"k8s.io/kubernetes/pkg/volume/util/subpath"
	"k8s.io/mount-utils"
)

// A pod (or a Job's pod template) says with these annotations how its
// containers end; without them they run until the pod is deleted. They are
// read live, so a test can also set them on a running pod.
const (
	exitAnnotation  = "hollow.errand.dev/exit"  // exit code
	afterAnnotation = "hollow.errand.dev/after" // run time before it, default 0s
)

// noProbes takes a container for ready once it runs (kubemark's fake takes it
// for ready before that, so that `kubectl wait` returns too early).
type noProbes struct{ probetest.FakeManager }

func (noProbes) UpdatePodStatus(_ context.Context, _ *corev1.Pod, status *corev1.PodStatus) {
	for i := range status.ContainerStatuses {
		c := &status.ContainerStatuses[i]
		started := c.State.Running != nil
		c.Ready, c.Started = started, &started
	}
}

// hollowNode runs a real kubelet on a fake container runtime and a fake
// mounter, as kubemark does, but with its files under --root-dir and without
// opening a port.
func hollowNode(args []string) {
	fs := flag.NewFlagSet("hollow-node", flag.ExitOnError)
	name := fs.String("name", "hollow-1", "node name")
	kubeconfig := fs.String("kubeconfig", "", "kubeconfig of the node")
	root := fs.String("root-dir", "", "the kubelet's root directory")
	sync := fs.Duration("sync-frequency", time.Minute, "how often a pod's volumes are refreshed at the latest (the kubelet's default is 1m)")
	_ = fs.Parse(args[1:])
	if err := runHollowNode(genericapiserver.SetupSignalContext(), *name, *kubeconfig, *root, *sync); err != nil {
		fmt.Fprintln(os.Stderr, "hollow-node:", err)
		os.Exit(1)
	}
}

func runHollowNode(ctx context.Context, name, kubeconfig, root string, sync time.Duration) error {
	rest, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	rest.ContentType = "application/vnd.kubernetes.protobuf"
	rest.UserAgent = "hollow-kubelet"
	rest.QPS, rest.Burst = 100, 200
	client, err := clientset.NewForConfig(rest)
	if err != nil {
		return err
	}

	runtime := fakeremote.NewFakeRemoteRuntime()
	endpoint := "unix://" + filepath.Join(root, "cri.sock")
	if err := os.MkdirAll(root, 0o755); err != nil {
		return err
	}
	if err := runtime.Start(endpoint); err != nil {
		return err
	}
	defer runtime.Stop()
	runtimeService, err := remote.NewRemoteRuntimeServiceBuilder().WithEndpoint(endpoint).WithConnectionTimeout(15 * time.Second).Build(ctx)
	if err != nil {
		return err
	}

	flags := options.NewKubeletFlags()
	flags.RootDirectory = root
	flags.HostnameOverride = name
	config, err := options.NewKubeletConfiguration()
	if err != nil {
		return err
	}
	config.EnableServer = false // opens no port: no logs, exec or port-forward
	config.ReadOnlyPort = 0
	config.StaticPodPath = ""
	config.SyncFrequency.Duration = sync
	config.NodeStatusUpdateFrequency.Duration = 10 * time.Second
	config.EnableControllerAttachDetach = false
	config.CgroupsPerQOS = false
	config.EnforceNodeAllocatable = nil
	config.ProviderID = "hollow://" + name
	config.PodLogsDir = filepath.Join(root, "pod-logs")
	config.LocalStorageCapacityIsolation = false
	config.SerializeImagePulls = false
	config.FailCgroupV1 = false

	deps := &kubelet.Dependencies{
		KubeClient:                client,
		HeartbeatClient:           client,
		ProbeManager:              noProbes{},
		RemoteRuntimeService:      runtimeService,
		RemoteImageService:        runtime.ImageService,
		CAdvisorInterface:         &cadvisortest.Fake{NodeName: name},
		OSInterface:               &containertest.FakeOS{},
		ContainerManager:          cm.NewStubContainerManager(),
		VolumePlugins:             hollowVolumePlugins(),
		OOMAdjuster:               oom.NewFakeOOMAdjuster(),
		Mounter:                   &mount.FakeMounter{},
		Subpather:                 &subpath.FakeSubpath{},
		HostUtil:                  hostutil.NewFakeHostUtil(nil),
		PodStartupLatencyTracker:  kubeletutil.NewPodStartupLatencyTracker(),
		NodeStartupLatencyTracker: kubeletutil.NewNodeStartupLatencyTracker(klog.FromContext(ctx)),
		TracerProvider:            noopoteltrace.NewTracerProvider(),
		Recorder:                  &record.FakeRecorder{}, // a real one reads /dev/kmsg
	}

	go endContainers(ctx, client, name, runtime)
	server := &options.KubeletServer{KubeletFlags: *flags, KubeletConfiguration: *config}
	if err := kubeletapp.RunKubelet(ctx, server, deps); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

func hollowVolumePlugins() (all []volume.VolumePlugin) {
	all = append(all, emptydir.ProbeVolumePlugins()...)
	all = append(all, hostpath.FakeProbeVolumePlugins(volume.VolumeConfig{})...)
	all = append(all, secret.ProbeVolumePlugins()...)
	all = append(all, configmap.ProbeVolumePlugins()...)
	all = append(all, downwardapi.ProbeVolumePlugins()...)
	all = append(all, projected.ProbeVolumePlugins()...)
	return append(all, csi.ProbeVolumePlugins()...)
}

// endContainers ends the containers of pods that carry the annotations above.
func endContainers(ctx context.Context, client clientset.Interface, node string, runtime *fakeremote.RemoteRuntime) {
	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithTweakListOptions(func(o *metav1.ListOptions) {
		o.FieldSelector = fields.OneTermEqualSelector("spec.nodeName", node).String()
	}))
	pods := factory.Core().V1().Pods()
	informer := pods.Informer()
	factory.Start(ctx.Done())
	cache.WaitForCacheSync(ctx.Done(), informer.HasSynced)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			endDue(pods.Lister(), runtime, time.Now())
		}
	}
}

func endDue(pods corelisters.PodLister, runtime *fakeremote.RemoteRuntime, now time.Time) {
	list, err := pods.List(labels.Everything())
	if err != nil {
		return
	}
	due := map[string]struct {
		code  int32
		after time.Duration
	}{}
	for _, pod := range list {
		code, err := strconv.ParseInt(pod.Annotations[exitAnnotation], 10, 32)
		if err != nil {
			continue
		}
		after, _ := time.ParseDuration(pod.Annotations[afterAnnotation])
		due[string(pod.UID)] = struct {
			code  int32
			after time.Duration
		}{int32(code), after}
	}
	r := runtime.RuntimeService
	r.Lock()
	defer r.Unlock()
	for _, c := range r.Containers {
		plan, ok := due[c.Labels["io.kubernetes.pod.uid"]]
		if !ok || c.State != runtimeapi.ContainerState_CONTAINER_RUNNING || now.Sub(time.Unix(0, c.StartedAt)) < plan.after {
			continue
		}
		c.State = runtimeapi.ContainerState_CONTAINER_EXITED
		c.FinishedAt = now.UnixNano()
		c.ExitCode = plan.code
		c.Reason = "Completed"
		if plan.code != 0 {
			c.Reason = "Error"
		}
	}
}
