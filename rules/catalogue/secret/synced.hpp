// Kinds whose objects copy a credential into a Secret or a pod, or a Secret to another place.
#pragma once

#include <array>

#include "core/api/resource.hpp"

namespace errand::rules {

// Namespaced kinds. The API server sends them to the webhook (manifests/admission/validating.yaml), and the
// scanner lists them (manifests/rbac/scanner.yaml).
inline constexpr std::array kSyncedKinds = std::to_array<api::Resource>({
    {"addons.projectcapsule.dev", "v1alpha1", "sopssecrets", "SopsSecret"},
    {"bitnami.com", "v1alpha1", "sealedsecrets", "SealedSecret"},
    {"craftypath.github.io", "v1alpha1", "sopssecrets", "SopsSecret"},
    {"digitalis.io", "v1", "valssecrets", "ValsSecret"},
    {"external-secrets.io", "v1", "externalsecrets", "ExternalSecret"},
    {"external-secrets.io", "v1alpha1", "pushsecrets", "PushSecret"},
    {"isindir.github.com", "v1alpha3", "sopssecrets", "SopsSecret"},
    {"k8s.bitwarden.com", "v1", "bitwardensecrets", "BitwardenSecret"},
    {"kubernetes-client.io", "v1", "externalsecrets", "ExternalSecret"},
    {"lerentis.uploadfilter24.eu", "v1beta8", "bitwarden-secrets", "BitwardenSecret"},
    {"lerentis.uploadfilter24.eu", "v1beta8", "bitwarden-templates", "BitwardenTemplate"},
    {"lerentis.uploadfilter24.eu", "v1beta8", "registry-credentials", "RegistryCredential"},
    {"mumoshu.github.io", "v1alpha1", "awssecrets", "AWSSecret"},
    {"onepassword.com", "v1", "onepassworditems", "OnePasswordItem"},
    {"passbolt.tagesspiegel.de", "v1", "passboltsecrets", "PassboltSecret"},
    {"redhatcop.redhat.io", "v1alpha1", "vaultsecrets", "VaultSecret"},
    {"ricoberger.de", "v1alpha1", "vaultsecrets", "VaultSecret"},
    {"secret-sync.x-k8s.io", "v1alpha1", "secretsyncs", "SecretSync"},
    {"secretgen.carvel.dev", "v1alpha1", "secretexports", "SecretExport"},
    {"secretgen.carvel.dev", "v1alpha1", "secretimports", "SecretImport"},
    {"secrets-store.csi.x-k8s.io", "v1", "secretproviderclasses", "SecretProviderClass"},
    {"secrets.contentful.com", "v1", "syncedsecrets", "SyncedSecret"},
    {"secrets.doppler.com", "v1alpha1", "dopplersecrets", "DopplerSecret"},
    {"secrets.hashicorp.com", "v1beta1", "csisecrets", "CSISecrets"},
    {"secrets.hashicorp.com", "v1beta1", "hcpvaultsecretsapps", "HCPVaultSecretsApp"},
    {"secrets.hashicorp.com", "v1beta1", "vaultstaticsecrets", "VaultStaticSecret"},
    {"secrets.infisical.com", "v1alpha1", "infisicalpushsecrets", "InfisicalPushSecret"},
    {"secrets.infisical.com", "v1alpha1", "infisicalsecrets", "InfisicalSecret"},
    {"secrets.infisical.com", "v1beta1", "infisicalstaticsecrets", "InfisicalStaticSecret"},
    {"soluto.com", "v1alpha2", "kamussecrets", "KamusSecret"},
    {"spv.no", "v2beta1", "azurekeyvaultsecrets", "AzureKeyVaultSecret"},
    {"vaultproject.io", "v1", "secretclaims", "SecretClaim"},
});

// Cluster-scoped kinds. Only files and the scanner check them. The webhook checks the namespaced objects that
// their controllers create.
inline constexpr std::array kSyncedClusterKinds = std::to_array<api::Resource>({
    {"addons.projectcapsule.dev", "v1alpha1", "globalsopssecrets", "GlobalSopsSecret"},
    {"clustersecret.io", "v1", "clustersecrets", "ClusterSecret"},
    {"external-secrets.io", "v1", "clusterexternalsecrets", "ClusterExternalSecret"},
    {"external-secrets.io", "v1alpha1", "clusterpushsecrets", "ClusterPushSecret"},
    {"ops.alexellis.io", "v1", "clusterpullsecrets", "ClusterPullSecret"},
});

}  // namespace errand::rules
