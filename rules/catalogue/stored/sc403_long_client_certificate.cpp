// SC403. In a cluster the policy errand-certificates checks CSRs of agents' accounts.
#include <fmt/format.h>

#include "rules/catalogue/catalogue.hpp"
#include "rules/catalogue/clientcertificate.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kTags[] = {"NHI7", "ASI03"};
constexpr Parameter kParameters[] = {{"longest", "3600", "seconds that a client certificate may live"}};

void checkObject(const ObjectCheckInput& input, Reporter& report) {
  const ObjectView& object = input.object;
  if (object.is("certificates.k8s.io", "CertificateSigningRequest")) {
    if (object.signer == "kubernetes.io/kube-apiserver-client" &&
        object.expirationSeconds.value_or(kLongestClientCertificate + 1) > kLongestClientCertificate)
      report.add(
          "/spec",
          fmt::format("CertificateSigningRequest {} asks for a client certificate {}", inQuotes(object.name),
                      object.expirationSeconds ? fmt::format("of {} seconds", *object.expirationSeconds)
                                               : std::string("of as long as the signer gives")));
  } else if (object.is("cert-manager.io", "Certificate") ||
             object.is("cert-manager.io", "CertificateRequest")) {
    const auto what =
        longForClients({object.usages.begin(), object.usages.end()}, object.isAuthority, object.duration);
    if (!what) return;
    report.add("/spec",
               fmt::format("{} {} asks for {} of {}", object.kind, inQuotes(object.name), *what,
                           object.duration.empty() ? "90 days (spec.duration is not set)"
                                                   : printable(object.duration)),
               object.isAuthority
                   ? "make the authority outside of the agents' namespace"
                   : "set spec.duration to 1h, or spec.usages to its purpose, such as server auth; "
                     "a client can use a certificate without an extended usage");
  }
}

}  // namespace

constinit const Rule kLongClientCertificate = {
    .id = "SC403",
    .slug = "long-client-certificate",
    .title = "A client certificate must not be good for more than an hour",
    .why = "Kubernetes cannot revoke a client certificate. Anybody who has it can use it until it ends.",
    .fix = "set expirationSeconds (or spec.duration) to an hour or less, or ask for a TaskGrant",
    .severity = Severity::High,
    .tags = kTags,
    .refused = R"(The rule rejects:

- a CertificateSigningRequest for the signer `kubernetes.io/kube-apiserver-client` with
  `spec.expirationSeconds` over 3600 or unset
- a Certificate or CertificateRequest of cert-manager that is good for a client, with a
  `spec.duration` over an hour or unset, which means 90 days

cert-manager creates a CertificateRequest from a Certificate for each renewal, and anybody may write
one. A certificate is good for a client with the usage `client auth` or `any`, or if `spec.usages`
has no extended usage (cert-manager's default). An authority (`isCA`) counts as well, because it
signs such certificates.

A cluster rejects such a CertificateSigningRequest only if an agent's account creates it.

```yaml
kind: CertificateSigningRequest
spec:
  signerName: kubernetes.io/kube-apiserver-client
  expirationSeconds: 86400   # refused
```)",
    .allowed = "An hour or less; `usages: [server auth]` and other extended usages.",
    .parameters = kParameters,
    .policy = "errand-certificates",
    .objects = {{kObjectStages, checkObject}}};

}  // namespace errand::rules
