#include "cli/uninstall/inventory.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "cli/findings/escape.hpp"

namespace errand::cli {
namespace {

// Agents' names are not reserved there, and no namespace of that name can be enrolled.
constexpr std::string_view kUnguarded = "kube-system";

bool servesAGrant(const api::RoleBinding& binding) {
  if (binding.meta.name.starts_with(api::kGrantAccountPrefix)) return true;
  return std::ranges::any_of(binding.subjects, [](const api::Subject& subject) {
    return subject.kind == "ServiceAccount" && subject.name.starts_with(api::kGrantAccountPrefix);
  });
}

bool enrols(const api::RoleBinding& binding) {
  return (binding.meta.name == "errand-operator" && binding.role.name == "errand-operator-namespace") ||
         (binding.meta.name == "errand-operator-bind" && binding.role.name == "errand-operator-bind");
}

bool isOfAGrant(const api::ObjectMeta& secret) {
  return secret.name.starts_with("errand-") && (!secret.label(api::kGrantUidLabel).empty() ||
                                                !secret.annotation(api::kCredentialsAnnotation).empty());
}

// Returns "of grant NAME" from the label; empty without it.
std::string ofGrant(const api::ObjectMeta& meta) {
  const std::string_view grant = meta.label(api::kGrantLabel);
  return grant.empty() ? std::string() : fmt::format(" of grant {}", grant);
}

std::string stateOf(const api::TaskGrant& grant) {
  std::string out(api::toString(grant.status.phase.value_or(api::Phase::Pending)));
  const auto& revocation = grant.status.revocation;
  if (!grant.terminal())
    out += grant.spec.revokeReason ? ", revocation requested" : ", not ended";
  else if (grant.status.startedAt && !revocation.confirmedAt)
    out += ", end not confirmed";
  else if (!revocation.podsRunning.empty())
    out += fmt::format(", still running: {}", fmt::join(revocation.podsRunning, ", "));
  if (grant.meta.hasFinalizer(api::kFinalizer)) out += fmt::format(", finalizer {}", api::kFinalizer);
  if (grant.meta.deletionTimestamp) out += ", being deleted";
  return out;
}

std::string stateOf(const api::ObjectMeta& ns) {
  const std::string_view mode = ns.label(api::kEnforceLabel);
  return mode.empty() ? fmt::format("annotation {}", api::kEnforcedSinceAnnotation)
                      : fmt::format("enrolled ({}={})", api::kEnforceLabel, mode);
}

bool isMarked(const api::ObjectMeta& ns) {
  return !ns.label(api::kEnforceLabel).empty() || !ns.annotation(api::kEnforcedSinceAnnotation).empty();
}

std::vector<Held> of(const std::vector<Held>& held, std::string_view ns) {
  std::vector<Held> out;
  std::ranges::copy_if(held, std::back_inserter(out), [&](const Held& one) { return one.ns == ns; });
  return out;
}

}  // namespace

bool isReleased(const api::TaskGrant& grant, const std::vector<api::PartialObject>& accounts) {
  if (grant.meta.hasFinalizer(api::kFinalizer)) return false;
  if (!grant.terminal() && !grant.spec.revokeReason) return false;
  const std::string account = api::grantAccountName(grant.meta.uid);
  return std::ranges::none_of(accounts, [&](const api::PartialObject& one) {
    return one.meta.ns == grant.meta.ns && one.meta.name == account;
  });
}

std::vector<Held> heldBy(const ClusterObjects& objects, std::string_view operatorNamespace) {
  std::vector<Held> out;
  const auto add = [&](Holding holding, const api::Resource& resource, const api::ObjectMeta& meta,
                       std::string state) {
    const bool isNamespace = holding == Holding::Enforced;
    out.push_back(
        {holding, resource, isNamespace ? meta.name : meta.ns, meta.name, meta.uid, std::move(state)});
  };
  const auto each = [](const auto& list, const auto& take) {
    if (!list) return;
    for (const auto& object : *list)
      if (object.meta.ns != kUnguarded) take(object);
  };
  static const std::vector<api::PartialObject> kNone;
  const auto& accounts = objects.accounts ? *objects.accounts : kNone;

  each(objects.bindings, [&](const api::RoleBinding& binding) {
    if (servesAGrant(binding))
      add(Holding::Right, api::kRoleBindings, binding.meta,
          fmt::format("binds {} {}{}", binding.role.kind, binding.role.name, ofGrant(binding.meta)));
    else if (binding.meta.ns != operatorNamespace && enrols(binding))
      add(Holding::Enrolment, api::kRoleBindings, binding.meta,
          fmt::format("the operator's rights ({} {})", binding.role.kind, binding.role.name));
  });
  each(objects.secrets, [&](const api::PartialObject& secret) {
    if (isOfAGrant(secret.meta))
      add(Holding::Credentials, api::kSecrets, secret.meta, "credentials" + ofGrant(secret.meta));
  });
  each(objects.accounts, [&](const api::PartialObject& account) {
    if (account.meta.name.starts_with(api::kGrantAccountPrefix))
      add(Holding::Account, api::kServiceAccounts, account.meta, "account" + ofGrant(account.meta));
    else if (account.meta.name.starts_with(api::kBaseAccountPrefix))
      add(Holding::BaseAccount, api::kServiceAccounts, account.meta, "account between tasks, without rights");
  });
  each(objects.grants, [&](const api::TaskGrant& grant) {
    if (!isReleased(grant, accounts)) add(Holding::Grant, api::kTaskGrants, grant.meta, stateOf(grant));
  });
  each(objects.namespaces, [&](const api::PartialObject& ns) {
    if (isMarked(ns.meta)) add(Holding::Enforced, api::kNamespaces, ns.meta, stateOf(ns.meta));
  });
  std::ranges::stable_sort(out, {}, &Held::holding);
  return out;
}

Undrained undrained(const std::vector<api::TaskGrant>& grants) {
  Undrained out;
  for (const api::TaskGrant& grant : grants) {
    if (isReleased(grant, {})) continue;
    if (!grant.terminal() && !grant.spec.revokeReason)
      out.unrevoked.push_back(&grant);
    else
      ++out.ending;
  }
  return out;
}

std::string asTable(const std::vector<Held>& held) {
  if (held.empty()) return {};
  using Row = std::array<std::string, 3>;
  std::vector<std::string> namespaces;
  for (const Held& one : held) namespaces.push_back(one.ns);
  std::ranges::sort(namespaces);
  namespaces.erase(std::ranges::unique(namespaces).begin(), namespaces.end());
  std::vector<Row> rows = {{"NAMESPACE", "OBJECT", "STATE"}};
  for (const std::string& ns : namespaces)
    for (const Held& one : of(held, ns)) {
      std::string kind(one.resource.plural);
      kind.pop_back();
      rows.push_back({shown(ns), shown(kind + "/" + one.name), shown(one.state)});
    }
  std::array<size_t, 2> widths{};
  for (const Row& row : rows)
    for (size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  std::string out;
  for (const Row& row : rows)
    out += fmt::format("{:<{}}   {:<{}}   {}\n", row[0], widths[0], row[1], widths[1], row[2]);
  return out;
}

}  // namespace errand::cli
