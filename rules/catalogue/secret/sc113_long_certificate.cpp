// SC113. The kubelet requests and renews the certificate like a token (KEP-4317).
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "core/api/accounts.hpp"
#include "rules/catalogue/catalogue.hpp"
#include "rules/catalogue/clientcertificate.hpp"
#include "rules/catalogue/where.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kTags[] = {"NHI7", "ASI03"};
constexpr Parameter kParameters[] = {
    {"longest", "3600", "seconds that a certificate may live"},
    {"signers", "kubernetes.io/", "prefix of signers that are not foreign"},
    {"clients", "kubernetes.io/kube-apiserver-client", "prefix of the signers of the API server's clients"}};

constexpr std::int64_t kDefault = 86400;
constexpr std::string_view kSigners = "kubernetes.io/", kClients = "kubernetes.io/kube-apiserver-client";

// Returns the words of a list such as "digital signature, server auth".
std::vector<std::string_view> wordsOf(std::string_view list) {
  std::vector<std::string_view> out;
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    std::string_view word = list.substr(0, comma);
    word.remove_prefix(std::min(word.find_first_not_of(' '), word.size()));
    word.remove_suffix(word.size() - (word.find_last_not_of(' ') + 1));
    out.push_back(word);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return out;
}

// cert-manager's driver (https://cert-manager.io/docs/usage/csi-driver/) requests a certificate of 720h if no
// duration is set. A certificate for servers is no credential for the API server.
void checkDriver(const Volume& volume, const PodView& pod, Reporter& report) {
  if (volume.csiDriver != "csi.cert-manager.io") return;
  const auto attribute = [&](const char* name) {
    const auto it = volume.csiAttributes.find(std::string("csi.cert-manager.io/") + name);
    return it == volume.csiAttributes.end() ? std::string() : it->second;
  };
  const std::string duration = attribute("duration");
  const bool isAuthority = attribute("is-ca") == "true";
  const std::string usages = attribute("key-usages");
  const auto what = longForClients(wordsOf(usages), isAuthority, duration);
  if (!what) return;
  report.add(
      pathOf(pod, volume),
      fmt::format("volume {} asks cert-manager for {} of {}", inQuotes(volume.name), *what,
                  duration.empty() ? "720h (csi.cert-manager.io/duration is not set)" : printable(duration)),
      isAuthority ? "leave csi.cert-manager.io/is-ca out"
                  : "set csi.cert-manager.io/duration to 1h, and the driver renews the files in time; or set "
                    "csi.cert-manager.io/key-usages to server auth, where it is for a server");
}

void checkCertificate(const CheckInput& input, const Volume& volume, const CertificateSource& certificate,
                      Reporter& report) {
  const std::string path = pathOf(input.pod, volume);
  const std::string name = inQuotes(volume.name);
  const std::int64_t life = certificate.maxExpirationSeconds.value_or(kDefault);
  if (life > kLongestClientCertificate)
    report.add(path, fmt::format("volume {} asks for a certificate of {} seconds ({}.maxExpirationSeconds)",
                                 name, life, certificate.field));
  if (certificate.signer.starts_with(kClients))
    report.add(path,
               fmt::format("volume {} asks {} for a certificate for the API server ({}.signerName)", name,
                           inQuotes(certificate.signer), certificate.field),
               "ask for a TaskGrant with roles and leave the source out");
  else if (!certificate.signer.starts_with(kSigners))
    report.add(path,
               fmt::format("volume {} asks the foreign signer {} for a certificate ({}.signerName)", name,
                           inQuotes(certificate.signer), certificate.field),
               "use a signer of kubernetes.io/");
  if (input.pod.account().starts_with(api::kBaseAccountPrefix))
    report.add(path,
               fmt::format("volume {} asks for a certificate of {} ({})", name, inQuotes(input.pod.account()),
                           certificate.field),
               "take the source out; an agent holds nothing between tasks");
}

void check(const CheckInput& input, Reporter& report) {
  for (const Volume& volume : input.pod.volumes) {
    checkDriver(volume, input.pod, report);
    for (const CertificateSource& certificate : volume.certificates)
      checkCertificate(input, volume, certificate, report);
  }
}

}  // namespace

constinit const Rule kLongCertificate = {
    .id = "SC113",
    .slug = "long-certificate",
    .title =
        "A pod must not project a certificate that is long, of a foreign signer, or good for the API server",
    .why = "A certificate cannot be taken back. Anybody with a copy can use it until it ends.",
    .fix = "set maxExpirationSeconds to 3600; the kubelet renews the files in time",
    .severity = Severity::Medium,
    .tags = kTags,
    .refused = R"(The rule rejects a `podCertificate` source:

- with `maxExpirationSeconds` over 3600, or unset, which means 86400
- with a `signerName` outside of `kubernetes.io/`
- with a signer of the API server's clients (`kubernetes.io/kube-apiserver-client`, `…-pod`,
  `…-kubelet`), at any length
- in a pod that runs as `errand-a.<agent>.<tool class>`, at any length

```yaml
volumes:
- name: identity
  projected:
    sources:
    - podCertificate: {signerName: kubernetes.io/kube-apiserver-client-pod, keyType: ECDSAP256}   # refused
```

It also rejects a volume of cert-manager's CSI driver (`csi.cert-manager.io`) if a client can use
its certificate, and the duration is over an hour or unset, which means 720h. A client can use a
certificate with the key usage `client auth` or `any`, or without any extended usage (the driver's
default). With `is-ca` it can sign such certificates.

A pod with a TaskGrant may have no certificate at all ([SC104](SC104.md)).)",
    .allowed =
        R"(- a certificate of up to an hour, of another signer of `kubernetes.io/`
- certificates of cert-manager's driver for servers)",
    .parameters = kParameters,
    .pods = {{kWholePodStages, check}}};

}  // namespace errand::rules
