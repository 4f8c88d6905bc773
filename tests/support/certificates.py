"""Client certificates by the cluster's own authority, for users that no other authenticator would name."""
import dataclasses
import subprocess

from support.cluster import Cluster
from support.kube import Kube


def certificate(cluster: Cluster, name: str, *groups: str) -> Kube:
    """A client as `name`, a member of `groups`, each of which may have any character but a slash."""
    pki = cluster.directory / "pki"
    key, signed = pki / f"{name}.key", pki / f"{name}.crt"
    subject = "".join(f"/O={group}" for group in groups) + f"/CN={name}"
    request = subprocess.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-utf8",
                              "-subj", subject, "-keyout", key], check=True, capture_output=True)
    subprocess.run(["openssl", "x509", "-req", "-CA", pki / "ca.crt", "-CAkey", pki / "ca.key", "-days", "1", "-out", signed],
                   input=request.stdout, check=True, capture_output=True)
    return dataclasses.replace(cluster.kube, cert_file=str(signed), key_file=str(key), kubeconfig=None)
