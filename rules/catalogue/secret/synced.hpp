// Kinds whose objects copy a credential into a Secret, or a Secret to another store.
#pragma once

#include <array>

#include "core/api/resource.hpp"

namespace errand::rules {

// Namespaced kinds. The API server sends them to the webhook (manifests/admission/validating.yaml), and the
// scanner lists them (manifests/rbac/scanner.yaml).
inline constexpr std::array kSyncedKinds = std::to_array<api::Resource>({
    {"bitnami.com", "v1alpha1", "sealedsecrets", "SealedSecret"},
    {"external-secrets.io", "v1", "externalsecrets", "ExternalSecret"},
    {"external-secrets.io", "v1alpha1", "pushsecrets", "PushSecret"},
    {"isindir.github.com", "v1alpha3", "sopssecrets", "SopsSecret"},
    {"k8s.bitwarden.com", "v1", "bitwardensecrets", "BitwardenSecret"},
    {"kubernetes-client.io", "v1", "externalsecrets", "ExternalSecret"},
    {"onepassword.com", "v1", "onepassworditems", "OnePasswordItem"},
    {"ricoberger.de", "v1alpha1", "vaultsecrets", "VaultSecret"},
    {"secret-sync.x-k8s.io", "v1alpha1", "secretsyncs", "SecretSync"},
    {"secrets.doppler.com", "v1alpha1", "dopplersecrets", "DopplerSecret"},
    {"secrets.hashicorp.com", "v1beta1", "hcpvaultsecretsapps", "HCPVaultSecretsApp"},
    {"secrets.hashicorp.com", "v1beta1", "vaultstaticsecrets", "VaultStaticSecret"},
    {"secrets.infisical.com", "v1alpha1", "infisicalsecrets", "InfisicalSecret"},
    {"spv.no", "v2beta1", "azurekeyvaultsecrets", "AzureKeyVaultSecret"},
});

// Cluster-scoped kinds, checked in files and by the scanner. The webhook checks the objects that their
// controllers create in a namespace.
inline constexpr std::array kSyncedClusterKinds = std::to_array<api::Resource>({
    {"external-secrets.io", "v1", "clusterexternalsecrets", "ClusterExternalSecret"},
    {"external-secrets.io", "v1alpha1", "clusterpushsecrets", "ClusterPushSecret"},
});

}  // namespace errand::rules
