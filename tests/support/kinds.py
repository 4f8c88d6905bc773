"""Where each kind that tests touch lives in the API."""
import urllib.parse

# kind: (path of group and version, plural)
_KINDS = {
    "ConfigMap": ("api/v1", "configmaps"),
    "Event": ("apis/events.k8s.io/v1", "events"),
    "Namespace": ("api/v1", "namespaces"),
    "Node": ("api/v1", "nodes"),
    "Pod": ("api/v1", "pods"),
    "Secret": ("api/v1", "secrets"),
    "Service": ("api/v1", "services"),
    "ServiceAccount": ("api/v1", "serviceaccounts"),
    "CronJob": ("apis/batch/v1", "cronjobs"),
    "Job": ("apis/batch/v1", "jobs"),
    "DaemonSet": ("apis/apps/v1", "daemonsets"),
    "Deployment": ("apis/apps/v1", "deployments"),
    "ReplicaSet": ("apis/apps/v1", "replicasets"),
    "StatefulSet": ("apis/apps/v1", "statefulsets"),
    "CertificateSigningRequest": ("apis/certificates.k8s.io/v1", "certificatesigningrequests"),
    "ClusterRole": ("apis/rbac.authorization.k8s.io/v1", "clusterroles"),
    "ClusterRoleBinding": ("apis/rbac.authorization.k8s.io/v1", "clusterrolebindings"),
    "Role": ("apis/rbac.authorization.k8s.io/v1", "roles"),
    "RoleBinding": ("apis/rbac.authorization.k8s.io/v1", "rolebindings"),
    "CustomResourceDefinition": ("apis/apiextensions.k8s.io/v1", "customresourcedefinitions"),
    "MutatingWebhookConfiguration": ("apis/admissionregistration.k8s.io/v1", "mutatingwebhookconfigurations"),
    "ValidatingWebhookConfiguration": ("apis/admissionregistration.k8s.io/v1", "validatingwebhookconfigurations"),
    "ValidatingAdmissionPolicy": ("apis/admissionregistration.k8s.io/v1", "validatingadmissionpolicies"),
    "ValidatingAdmissionPolicyBinding": ("apis/admissionregistration.k8s.io/v1", "validatingadmissionpolicybindings"),
    "PersistentVolume": ("api/v1", "persistentvolumes"),
    "PodTemplate": ("api/v1", "podtemplates"),
    "ReplicationController": ("api/v1", "replicationcontrollers"),
    "Lease": ("apis/coordination.k8s.io/v1", "leases"),
    "AgentIdentity": ("apis/errand.dev/v1alpha1", "agentidentities"),
    "Exemption": ("apis/errand.dev/v1alpha1", "exemptions"),
    "TaskGrant": ("apis/errand.dev/v1alpha1", "taskgrants"),
}


def api_version(kind: str) -> str:
    return _KINDS[kind][0].removeprefix("apis/").removeprefix("api/")


def collection(kind: str, namespace: str | None = None, name: str | None = None,
               subresource: str | None = None) -> str:
    """The path of a kind's collection, or of one object with `name`."""
    root, plural = _KINDS[kind]
    parts = root.split("/")
    if namespace:
        parts += ["namespaces", namespace]
    parts.append(plural)
    parts += [part for part in (name, subresource) if part]
    return "/" + "/".join(urllib.parse.quote(part, safe="") for part in parts)
