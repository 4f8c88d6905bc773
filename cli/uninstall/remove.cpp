#include "cli/uninstall/remove.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/uninstall/guards.hpp"

namespace errand::cli {
namespace {

using Json = nlohmann::json;
using namespace std::chrono_literals;

constexpr auto kObeysWithin = 30s;
constexpr api::Resource kNetworkPolicies{"networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy"};
constexpr std::string_view kUnmanagedWrite = "errand-unmanaged-write";
constexpr std::string_view kStatusTampering = "errand-status-tampering";
constexpr std::string_view kGuardRecord = "errand-guard-record";

bool isByAPolicy(const Error& error) {
  return (error.kind == ErrorKind::Forbidden || error.kind == ErrorKind::Invalid) &&
         error.message.contains("ValidatingAdmissionPolicy");
}

Result<void> removeOne(const kube::Client& client, const api::Resource& resource, const std::string& ns,
                       std::string_view name, const std::string& uid, const Say& say) {
  const auto removed = untilAdmitted([&] { return client.remove(resource, ns, name, uid); });
  if (!removed) return std::unexpected(removed.error());
  if (*removed)
    say(fmt::format("{}/{} deleted{}", resource.kind, name, ns.empty() ? "" : " in namespace " + ns));
  return {};
}

std::vector<std::string_view> bindingsToLift(const Removal& removal) {
  std::vector<std::string_view> out = {kUnmanagedWrite};
  if (removal.isWithoutOperator) out.push_back(kStatusTampering);
  if (removal.ns.empty()) out.push_back(kGuardRecord);
  return out;
}

using Change = std::optional<Json> (*)(const Json&, const std::string&);

Result<void> changeBinding(const kube::Client& client, std::string_view name, const std::string& ns,
                           Change change, const Say& say) {
  const auto binding = client.get(api::kAdmissionBindings, "", name);
  if (!binding && binding.error().kind == ErrorKind::NotFound) return {};
  if (!binding) return std::unexpected(binding.error());
  const auto patch = change(*binding, ns);
  if (!patch) return {};
  const auto patched = client.mergePatch(api::kAdmissionBindings, "", name, *patch);
  if (!patched) return std::unexpected(patched.error());
  say(fmt::format("policy {}: {} namespace {}", name, change == &excluding ? "excludes" : "includes", ns));
  return {};
}

// Removes the label and the annotation in one write: a policy rejects the annotation without the label.
Result<void> endEnforcement(const kube::Client& client, const Held& held, const Say& say) {
  const Json patch = {{"metadata",
                       {{"labels", {{std::string(api::kEnforceLabel), nullptr}}},
                        {"annotations", {{std::string(api::kEnforcedSinceAnnotation), nullptr}}}}}};
  const auto done = client.mergePatch(api::kNamespaces, "", held.name, patch);
  if (!done && done.error().kind == ErrorKind::NotFound) return {};
  if (!done) return std::unexpected(done.error());
  say(fmt::format("Namespace/{} taken out of enforcement", held.name));
  return {};
}

// The Role and the NetworkPolicy of an enrolment go first, because its RoleBindings show that it exists.
Result<void> endEnrolment(const kube::Client& client, const Held& held, const Say& say) {
  if (const auto done = removeOne(client, kNetworkPolicies, held.ns, "errand-metadata-service", {}, say);
      !done)
    return done;
  if (const auto done = removeOne(client, api::kRoles, held.ns, "errand-operator-bind", {}, say); !done)
    return done;
  return removeOne(client, held.resource, held.ns, held.name, held.uid, say);
}

Result<void> removeOne(const kube::Client& client, const Held& held, const Say& say) {
  switch (held.holding) {
    case Holding::Grant:
      return {};
    case Holding::Enforced:
      return endEnforcement(client, held, say);
    case Holding::Enrolment:
      return endEnrolment(client, held, say);
    case Holding::Right:
    case Holding::Credentials:
    case Holding::Account:
    case Holding::BaseAccount:
      break;
  }
  return removeOne(client, held.resource, held.ns, held.name, held.uid, say);
}

}  // namespace

Result<bool> untilAdmitted(const std::function<Result<void>()>& write) {
  const auto deadline = std::chrono::steady_clock::now() + kObeysWithin;
  for (;;) {
    const auto done = write();
    if (done) return true;
    if (done.error().kind == ErrorKind::NotFound) return false;
    if (!isByAPolicy(done.error()) || std::chrono::steady_clock::now() >= deadline)
      return std::unexpected(done.error());
    std::this_thread::sleep_for(500ms);
  }
}

Result<void> liftGuards(const kube::Client& client, const Removal& removal, const Say& say) {
  if (removal.isWithoutOperator && removal.ns.empty())
    for (const api::Resource& resource : {api::kMutatingWebhooks, api::kValidatingWebhooks})
      if (const auto done = removeOne(client, resource, "", "errand", {}, say); !done) return done;
  for (const std::string_view name : bindingsToLift(removal)) {
    const auto done = removal.ns.empty() ? removeOne(client, api::kAdmissionBindings, "", name, {}, say)
                                         : changeBinding(client, name, removal.ns, &excluding, say);
    if (!done) return done;
  }
  return {};
}

Result<void> admitAgain(const kube::Client& client, const Removal& removal, const Say& say) {
  for (const std::string_view name : bindingsToLift(removal))
    if (const auto done = changeBinding(client, name, removal.ns, &including, say); !done) return done;
  return {};
}

Result<void> removeHeld(const kube::Client& client, const std::vector<Held>& held,
                        const std::vector<Holding>& kinds, const Say& say) {
  for (const Held& one : held)
    if (std::ranges::find(kinds, one.holding) != kinds.end())
      if (const auto done = removeOne(client, one, say); !done) return done;
  return {};
}

Result<void> removeRecords(const kube::Client& client, const Removal& removal, const Say& say) {
  const std::string& ns = removal.operatorNamespace;
  if (const auto done = removeOne(client, api::kConfigMaps, ns, "errand-guards", {}, say); !done) return done;
  return removeOne(client, api::kLeases, ns, "errand-operator", {}, say);
}

}  // namespace errand::cli
