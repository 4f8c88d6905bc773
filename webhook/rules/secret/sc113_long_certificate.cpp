// SC113. KEP-4317: the kubelet asks for the certificate and renews it, like a token.
#include <fmt/format.h>

#include "core/base/time.hpp"
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

// cert-manager's driver (https://cert-manager.io/docs/usage/csi-driver/) asks for a certificate of 720h where
// no duration is set. One for servers is nobody's credential to the API server.
void checkDriver(const Volume& volume, const PodView& pod, Reporter& report) {
  if (volume.csiDriver != "csi.cert-manager.io") return;
  const auto attribute = [&](const char* name) {
    const auto it = volume.csiAttributes.find(std::string("csi.cert-manager.io/") + name);
    return it == volume.csiAttributes.end() ? std::string() : it->second;
  };
  const std::string duration = attribute("duration");
  if (attribute("key-usages").find("client auth") == std::string::npos ||
      parseDuration(duration).value_or(Seconds{kLongest + 1}).count() <= kLongest)
    return;
  report.add(
      pathOf(pod, volume),
      fmt::format("volume {} asks cert-manager for a client certificate of {}", inQuotes(volume.name),
                  duration.empty() ? "720h (csi.cert-manager.io/duration is not set)" : printable(duration)),
      "set csi.cert-manager.io/duration to 1h; the driver renews the files in time");
}

void check(const Judged& judged, Reporter& report) {
  if (judged.ephemeralOnly) return;
  for (const Volume& volume : judged.pod.volumes) checkDriver(volume, judged.pod, report);
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

So is a volume of cert-manager's CSI driver (`csi.cert-manager.io`) with the key usage `client auth` and a duration
over an hour or unset, which means 720h.

A pod with a TaskGrant has no certificate at all ([SC104](SC104.md)).)",
    .allowed =
        "An hour, of a signer of the cluster itself; certificates of cert-manager's driver for servers.",
    .parameters = kParameters,
    .check = check};

}  // namespace errand::webhook
