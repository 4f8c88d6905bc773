// SC403. In a cluster the policy errand-certificates judges CSRs of agents' accounts.
#include <fmt/format.h>

#include <algorithm>

#include "core/base/time.hpp"
#include "webhook/rules/catalogue.hpp"

namespace errand::webhook {
namespace {

constexpr std::string_view kTags[] = {"NHI7", "ASI03"};
constexpr Parameter kParameters[] = {{"longest", "3600", "seconds that a client certificate may live"}};

constexpr std::int64_t kLongest = 3600;

bool isForClients(const ObjectView& certificate) {
  return std::ranges::find(certificate.usages, "client auth") != certificate.usages.end();
}

void checkObject(const JudgedObject& judged, Reporter& report) {
  const ObjectView& object = judged.object;
  if (object.is("certificates.k8s.io", "CertificateSigningRequest")) {
    if (object.signer == "kubernetes.io/kube-apiserver-client" &&
        object.expirationSeconds.value_or(kLongest + 1) > kLongest)
      report.add(
          "/spec",
          fmt::format("CertificateSigningRequest {} asks for a client certificate {}", inQuotes(object.name),
                      object.expirationSeconds ? fmt::format("of {} seconds", *object.expirationSeconds)
                                               : std::string("of as long as the signer gives")));
  } else if (isForClients(object)) {
    // Of no other kind but cert-manager's Certificate are usages read. What is no duration counts as longer,
    // as an unset one does.
    if (parseDuration(object.duration).value_or(Seconds{kLongest + 1}).count() > kLongest)
      report.add("/spec",
                 fmt::format("Certificate {} asks for a client certificate of {}", inQuotes(object.name),
                             object.duration.empty() ? "90 days (spec.duration is not set)"
                                                     : printable(object.duration)));
  }
}

}  // namespace

constinit const Rule kLongClientCertificate = {
    .id = "SC403",
    .slug = "long-client-certificate",
    .title = "A client certificate must not be good for more than an hour",
    .why = "Kubernetes cannot revoke a client certificate: it is good until it ends, whoever has it.",
    .fix = "set expirationSeconds (or spec.duration) to an hour or less, or ask for a TaskGrant",
    .severity = Severity::High,
    .tags = kTags,
    .refused = R"(Refused is a CertificateSigningRequest for the signer
`kubernetes.io/kube-apiserver-client` with `spec.expirationSeconds` over 3600 or unset, and a
Certificate of cert-manager with the usage `client auth` and a `spec.duration` over an hour or
unset, which means 90 days. A cluster refuses such a CertificateSigningRequest where an
agent's account makes it.

```yaml
kind: CertificateSigningRequest
spec:
  signerName: kubernetes.io/kube-apiserver-client
  expirationSeconds: 86400   # refused
```)",
    .allowed = "An hour or less; server certificates.",
    .parameters = kParameters,
    .policy = "errand-certificates",
    .checkObject = checkObject};

}  // namespace errand::webhook
