#include <fmt/format.h>
#include <openssl/x509.h>

#include <algorithm>

#include "cli/doctor/diagnose.hpp"
#include "cli/verdict/commands.hpp"
#include "core/api/resource.hpp"
#include "core/base/pem.hpp"

namespace errand::cli {

const std::array<std::string_view, 23> kShippedPolicies = {
    "errand-agent-impersonation",
    "errand-cainjector-limits",
    "errand-certificates",
    "errand-cluster-bindings",
    "errand-debug",
    "errand-enforced-since",
    "errand-enrolment",
    "errand-exemption-warning",
    "errand-exemptions",
    "errand-grace",
    "errand-group-bindings",
    "errand-guard-record",
    "errand-not-enrolled",
    "errand-owners",
    "errand-probe",
    "errand-requester",
    "errand-root-ca",
    "errand-self-limits",
    "errand-status-tampering",
    "errand-suspended",
    "errand-tokens",
    "errand-uninstall-limits",
    "errand-unmanaged-write",
};

namespace {

using Lines = std::vector<CheckLine>;

constexpr Seconds kExpiresSoon{7 * 24 * 3600};
constexpr std::string_view kInstallAgain = "apply the manifests or the chart of this version again";

// The operator renews its Lease several times within its duration.
bool isRenewed(const api::Lease& lease, Time now) {
  return !lease.holder.empty() && lease.renewTime && now < *lease.renewTime + Seconds{lease.durationSeconds};
}

bool runsElsewhere(const std::string& name, const DoctorFacts& facts, Time now) {
  if (name == "errand-operator") return facts.lease.value && isRenewed(*facts.lease.value, now);
  return name == "errand-webhook" && std::ranges::any_of(facts.webhooks, [](const WebhooksRead& w) {
           return w.found.value && w.found.value->byUrl;
         });
}

bool isRequired(const std::string& name) { return name == "errand-operator" || name == "errand-webhook"; }

void checkKinds(const DoctorFacts& facts, Lines& out) {
  if (facts.kinds.isUnknown()) {
    out.push_back({"kinds", "errand.dev/v1alpha1", Verdict::Unknown, facts.kinds.unread});
    return;
  }
  std::vector<Trouble> troubles;
  for (const api::Resource& resource : {api::kAgentIdentities, api::kTaskGrants, api::kExemptions})
    if (!facts.kinds.value ||
        std::ranges::find(*facts.kinds.value, resource.plural) == facts.kinds.value->end())
      troubles.push_back({"",
                          "",
                          fmt::format("the API server does not serve {}.{}; {}", resource.plural,
                                      resource.group, kInstallAgain),
                          {fmt::format("kubectl get crd {}.{}", resource.plural, resource.group)}});
  if (troubles.empty())
    out.push_back(
        {"kinds", "errand.dev/v1alpha1", Verdict::Ok, "AgentIdentity, TaskGrant and Exemption are served"});
  else
    out.push_back(wrong("kinds", "errand.dev/v1alpha1", std::move(troubles)));
}

void checkDeployment(const DeploymentRead& deployment, const DoctorFacts& facts, Time now, Lines& out) {
  const std::string object = "Deployment/" + deployment.name;
  const std::string ns = shellWord(facts.operatorNamespace);
  const auto& found = deployment.found;
  if (found.isUnknown()) {
    out.push_back({"process", object, Verdict::Unknown, found.unread});
  } else if (found.isAbsent()) {
    if (!isRequired(deployment.name)) return;
    if (runsElsewhere(deployment.name, facts, now))
      out.push_back(
          {"process", object, Verdict::Note,
           fmt::format("not in namespace {}; the process runs elsewhere", facts.operatorNamespace)});
    else
      out.push_back(wrong("process", object,
                          {{"",
                            "",
                            fmt::format("there is none in namespace {}; {}, or name the namespace by "
                                        "--operator-namespace",
                                        facts.operatorNamespace, kInstallAgain),
                            {"kubectl get deployments -A -l app.kubernetes.io/part-of=errand"}}}));
  } else if (found.value->ready < std::max<std::int64_t>(found.value->desired, 1)) {
    out.push_back(
        wrong("process", object,
              {{"status.readyReplicas",
                "",
                fmt::format("{} of {} replicas are ready", found.value->ready, found.value->desired),
                {fmt::format("kubectl describe deployment {} -n {}", deployment.name, ns),
                 fmt::format("kubectl logs deployment/{} -n {}", deployment.name, ns)}}}));
  } else {
    out.push_back({"process", object, Verdict::Ok,
                   fmt::format("{} of {} replicas are ready", found.value->ready, found.value->desired)});
  }
}

void checkLease(const DoctorFacts& facts, Time now, Lines& out) {
  const std::string object = "Lease/errand-operator";
  const std::vector<std::string> logs = {
      fmt::format("kubectl logs deployment/errand-operator -n {}", shellWord(facts.operatorNamespace))};
  if (facts.lease.isUnknown()) {
    out.push_back({"lease", object, Verdict::Unknown, facts.lease.unread});
  } else if (!facts.lease.value || facts.lease.value->holder.empty()) {
    out.push_back(
        wrong("lease", object,
              {{"spec.holderIdentity", "", "no operator holds it, so no grant starts or ends", logs}}));
  } else if (!isRenewed(*facts.lease.value, now)) {
    const auto& renewed = facts.lease.value->renewTime;
    out.push_back(
        wrong("lease", object,
              {{"spec.renewTime", "",
                fmt::format("{} holds it and last renewed it at {}; no grant starts or ends meanwhile",
                            facts.lease.value->holder, renewed ? formatTime(*renewed) : "no known time"),
                logs}}));
  } else {
    out.push_back({"lease", object, Verdict::Ok, "held and renewed by " + facts.lease.value->holder});
  }
}

// Returns what is wrong with a caBundle, and when its last authority expires.
std::optional<std::string> bundleProblem(const std::string& pem, Time now, std::optional<Time>& lasts) {
  if (pem.empty()) return "has no caBundle";
  const PemCertificates read = readCertificates(pem);
  if (read.certificates.empty() || !read.whole) return "is no certificate: " + read.reason;
  std::optional<Time> latest;
  for (const X509Ptr& certificate : read.certificates) {
    const auto time = readTime(X509_get0_notAfter(certificate.get()), "notAfter");
    if (!time) return time.error().message;
    if (!latest || *latest < *time) latest = *time;
  }
  if (!lasts || *latest < *lasts) lasts = latest;
  if (*latest <= now) return "expired at " + formatTime(*latest);
  if (*latest <= now + kExpiresSoon) return "expires at " + formatTime(*latest);
  return std::nullopt;
}

void checkWebhooks(const WebhooksRead& webhooks, const DoctorFacts& facts, Time now, Lines& out) {
  const std::string object = webhooks.kind + "/errand";
  if (webhooks.found.isUnknown()) {
    out.push_back({"webhook", object, Verdict::Unknown, webhooks.found.unread});
    return;
  }
  if (!webhooks.found.value || webhooks.found.value->bundles.empty()) {
    out.push_back(
        wrong("webhook", object,
              {{"", "",
                fmt::format("{}; {}", webhooks.found.value ? "it has no webhook" : "it does not exist",
                            kInstallAgain)}}));
    return;
  }
  std::vector<Trouble> troubles;
  std::optional<Time> lasts;
  for (size_t i = 0; i < webhooks.found.value->bundles.size(); ++i)
    if (auto problem = bundleProblem(webhooks.found.value->bundles[i], now, lasts))
      troubles.push_back({fmt::format("webhooks[{}].clientConfig.caBundle", i),
                          "",
                          fmt::format("{}; errand-cainjector or cert-manager writes it", *problem),
                          {fmt::format("kubectl logs deployment/errand-cainjector -n {}",
                                       shellWord(facts.operatorNamespace))}});
  if (troubles.empty())
    out.push_back({"webhook", object, Verdict::Ok,
                   fmt::format("its certificate authority is valid until {}",
                               lasts ? formatTime(*lasts) : "an unknown time")});
  else
    out.push_back(wrong("webhook", object, std::move(troubles)));
}

void checkPolicies(const DoctorFacts& facts, Lines& out) {
  if (facts.policies.isUnknown() || facts.bindings.isUnknown()) {
    out.push_back({"policies", "", Verdict::Unknown,
                   facts.policies.isUnknown() ? facts.policies.unread : facts.bindings.unread});
    return;
  }
  std::vector<Trouble> troubles;
  for (const std::string_view name : kShippedPolicies) {
    const auto missing = [&](std::string_view kind) {
      troubles.push_back({"", "", fmt::format("there is no {} {}; {}", kind, name, kInstallAgain)});
    };
    if (!facts.policies.value ||
        std::ranges::find(*facts.policies.value, name) == facts.policies.value->end())
      missing(api::kAdmissionPolicies.kind);
    const auto isIts = [&](const PolicyBindingRead& b) { return b.name == name && b.policy == name; };
    if (!facts.bindings.value || std::ranges::none_of(*facts.bindings.value, isIts))
      missing(api::kAdmissionBindings.kind);
  }
  if (!troubles.empty())
    out.push_back(wrong("policies", "", std::move(troubles)));
  else
    out.push_back({"policies", "", Verdict::Ok,
                   fmt::format("all {} and their bindings exist", kShippedPolicies.size())});
}

// The operator compares the content of the guards and tries forged writes.
void checkGuards(const DoctorFacts& facts, Lines& out) {
  const std::string object = "ConfigMap/errand-guards";
  if (facts.guardsSince.isUnknown())
    out.push_back({"guards", object, Verdict::Unknown, facts.guardsSince.unread});
  else if (!facts.guardsSince.value)
    out.push_back(wrong("guards", object,
                        {{"",
                          "GuardsNotInForce",
                          "the operator has not found the policies in force yet, so no grant starts",
                          {fmt::format("kubectl logs deployment/errand-operator -n {}",
                                       shellWord(facts.operatorNamespace))}}}));
  else
    out.push_back({"guards", object, Verdict::Ok, "found in force since " + *facts.guardsSince.value});
}

}  // namespace

void checkInstallation(const DoctorFacts& facts, Time now, Lines& out) {
  checkKinds(facts, out);
  for (const DeploymentRead& deployment : facts.deployments) checkDeployment(deployment, facts, now, out);
  checkLease(facts, now, out);
  for (const WebhooksRead& webhooks : facts.webhooks) checkWebhooks(webhooks, facts, now, out);
  checkPolicies(facts, out);
  checkGuards(facts, out);
}

std::vector<CheckLine> diagnose(const DoctorFacts& facts, Time now) {
  Lines out;
  checkInstallation(facts, now, out);
  checkNamespaces(facts, out);
  checkAgents(facts, out);
  return out;
}

}  // namespace errand::cli
