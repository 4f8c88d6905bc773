// SC113. KEP-4317: the kubelet asks for the certificate and renews it, like a token.
#include <fmt/format.h>

#include "webhook/rules/catalogue.hpp"
#include "webhook/rules/where.hpp"

namespace errand::webhook {
namespace {

constexpr std::string_view kTags[] = {"NHI7", "ASI03"};
constexpr Parameter kParameters[] = {{"longest", "3600", "seconds that a certificate may live"},
                                     {"signers", "kubernetes.io/", "whose signers are not foreign"}};

constexpr std::int64_t kLongest = 3600;
constexpr std::int64_t kDefault = 86400;
constexpr std::string_view kSigners = "kubernetes.io/";

void check(const Judged& judged, Reporter& report) {
  if (judged.ephemeralOnly) return;
  for (const Volume& volume : judged.pod.volumes)
    for (const CertificateSource& certificate : volume.certificates) {
      const std::int64_t life = certificate.maxExpirationSeconds.value_or(kDefault);
      if (life > kLongest)
        report.add(pathOf(judged.pod, volume),
                   fmt::format("volume {} asks for a certificate of {} seconds ({}.maxExpirationSeconds)",
                               inQuotes(volume.name), life, certificate.field));
      if (!certificate.signer.starts_with(kSigners))
        report.add(pathOf(judged.pod, volume),
                   fmt::format("volume {} asks the foreign signer {} for a certificate ({}.signerName)",
                               inQuotes(volume.name), inQuotes(certificate.signer), certificate.field),
                   "use a signer of kubernetes.io/");
    }
}

}  // namespace

constinit const Rule kLongCertificate = {
    .id = "SC113",
    .slug = "long-certificate",
    .title = "A pod must not project a certificate for more than an hour, nor one of a foreign signer",
    .why = "A certificate cannot be taken back: whoever copies it once has it until it ends.",
    .fix = "set maxExpirationSeconds to 3600; the kubelet renews the files in time",
    .severity = Severity::Medium,
    .tags = kTags,
    .refused = R"(Refused is a `podCertificate` source with `maxExpirationSeconds` over 3600 or unset,
which means 86400, or with a `signerName` outside `kubernetes.io/`.

```yaml
volumes:
- name: identity
  projected:
    sources:
    - podCertificate: {signerName: kubernetes.io/kube-apiserver-client-pod, keyType: ECDSAP256}   # a day: refused
```

A pod with a TaskGrant has no certificate at all ([SC104](SC104.md)).)",
    .allowed = "An hour, of a signer of the cluster itself.",
    .parameters = kParameters,
    .check = check};

}  // namespace errand::webhook
