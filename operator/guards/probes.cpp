#include "operator/guards/probes.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/api/taskgrant.hpp"
#include "operator/guards/record.hpp"

namespace errand::guards {
namespace {

using nlohmann::json;

constexpr const char* kName = "errand-guard-probe";

json metadata(const std::string& ns, const char* name, json more = json::object()) {
  json out = {{"name", name}, {"namespace", ns}};
  out.update(more);
  return out;
}

// Every field is valid except the finalizer, so that only the policy can reject the object.
kube::Attempt foreignFinalizer(const std::string& ns) {
  const json toolClass = {{"name", "none"}, {"risk", "Low"}, {"maxDuration", "1m"}};
  const json object = {{"apiVersion", api::kGroupVersion},
                       {"kind", api::kAgentIdentities.kind},
                       {"metadata", metadata(ns, kName, {{"finalizers", {api::kFinalizer}}})},
                       {"spec", {{"owner", kProbeAccount}, {"toolClasses", {toolClass}}}}};
  return {api::kAgentIdentities, ns, {}, object.dump()};
}

kube::Attempt foreignRequester(const std::string& ns) {
  const json object = {
      {"apiVersion", api::kGroupVersion},
      {"kind", api::kTaskGrants.kind},
      {"metadata",
       metadata(ns, kName, {{"annotations", {{std::string(api::kRequesterUser), "system:admin"}}}})},
      {"spec",
       {{"agentIdentityRef", {{"name", "none"}}},
        {"toolClass", "none"},
        {"task", {{"intent", "none"}, {"risk", "Low"}}},
        {"workload", {{"kind", "Job"}, {"name", "none"}}},
        {"access", {{"roles", {{{"name", "none"}}}}}},
        {"window", {{"duration", "1m"}}},
        {"delivery", {{"mode", "Projected"}}}}}};
  return {api::kTaskGrants, ns, {}, object.dump()};
}

kube::Attempt foreignAge(const std::string& ns) {
  const json change = {
      {"metadata",
       {{"annotations", {{std::string(api::kEnforcedSinceAnnotation), "2000-01-01T00:00:00Z"}}}}}};
  return {api::kNamespaces, {}, ns, change.dump()};
}

// The name has the form of a grant's account, but no grant has this uid.
kube::Attempt foreignAccount(const std::string& ns) {
  const std::string name = api::grantAccountName(std::string(32, '0'));
  const json object = {
      {"apiVersion", "v1"}, {"kind", "ServiceAccount"}, {"metadata", metadata(ns, name.c_str())}};
  return {api::kServiceAccounts, ns, {}, object.dump()};
}

kube::Attempt foreignRecord(const std::string& ns) {
  const json object = {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", metadata(ns, kRecordName)}};
  return {api::kConfigMaps, ns, {}, object.dump()};
}

struct Known {
  const char* policy;
  kube::Attempt (*attempt)(const std::string& ns);
};

constexpr Known kKnown[] = {
    {"errand-status-tampering", foreignFinalizer},
    {"errand-unmanaged-write", foreignAccount},
    {"errand-requester", foreignRequester},
    {"errand-enforced-since", foreignAge},
    {kRecordGuard, foreignRecord},
};

}  // namespace

std::vector<Probe> probesOf(const Specs& specs, const std::string& ns) {
  std::vector<Probe> out;
  for (const Known& one : kKnown)
    if (specs.contains(Id{std::string(kPolicy), one.policy})) out.push_back({one.policy, one.attempt(ns)});
  return out;
}

ProbeResult probe(const std::vector<Probe>& probes, const std::vector<kube::Client>& servers,
                  const Sensitive& token) {
  if (servers.empty() || probes.empty())
    return {ProbeResult::Result::Unknown, {}, "there is nothing to probe"};
  ProbeResult out{ProbeResult::Result::Refused, {}, {}};
  for (const kube::Client& server : servers) {
    for (const Probe& one : probes) {
      const auto tried = server.tryAs(token, one.attempt);
      if (tried) return {ProbeResult::Result::Admitted, one.policy, {}};
      const std::string refusal =
          fmt::format("ValidatingAdmissionPolicy '{0}' with binding '{0}' denied", one.policy);
      if (tried.error().message.find(refusal) != std::string::npos) continue;
      out = {ProbeResult::Result::Unknown, {}, tried.error().message};
    }
  }
  return out;
}

}  // namespace errand::guards
