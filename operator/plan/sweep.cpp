#include "operator/plan/sweep.hpp"

#include <algorithm>

#include "core/api/taskgrant.hpp"
#include "operator/plan/checks/derived.hpp"

namespace errand::plan {
namespace {

// Returns the grant's account that is the binding's only subject; empty for any other binding.
std::string_view onlyGrantAccount(const api::RoleBinding& binding) {
  if (binding.subjects.size() != 1) return {};
  const std::string& subject = binding.subjects[0].name;
  return api::isGrantAccount(subject) && bindsOnly(binding, subject) ? subject : std::string_view();
}

}  // namespace

std::vector<Leftover> leftovers(const SweepInput& input) {
  std::set<std::string, std::less<>> liveAccounts, runningAccounts;
  for (const std::string& uid : input.liveUids) liveAccounts.insert(api::grantAccountName(uid));
  for (const std::string& uid : input.runningUids) runningAccounts.insert(api::grantAccountName(uid));
  const auto add = [](std::vector<Leftover>& out, const api::Resource& resource,
                      const api::ObjectMeta& meta) {
    out.push_back({resource, meta.name, meta.uid, std::string(meta.label(api::kGrantLabel))});
  };
  const auto labelled = [](const api::ObjectMeta& meta) {
    return !meta.label(api::kGrantLabel).empty() && !meta.label(api::kGrantUidLabel).empty();
  };

  std::vector<Leftover> out;
  for (const auto& binding : input.bindings) {
    const std::string& name = binding->meta.name;
    const std::string account = name.substr(0, name.rfind('.'));
    const bool isLeftByName = name.starts_with(api::kGrantAccountPrefix) &&
                              !runningAccounts.contains(account) &&
                              (labelled(binding->meta) || bindsOnly(*binding, account));
    const std::string_view served = onlyGrantAccount(*binding);
    const bool isLeftBySubject = !served.empty() && !runningAccounts.contains(served);
    if (isLeftByName || isLeftBySubject) add(out, api::kRoleBindings, binding->meta);
  }
  for (const auto& secret : input.secrets) {
    const api::ObjectMeta& meta = secret->meta;
    if (!meta.name.starts_with("errand-")) continue;
    // Without labels, a slot is identified by its list of credentials, and its grant by the owner.
    const bool isLeft = labelled(meta) ? !input.liveUids.contains(meta.label(api::kGrantUidLabel))
                                       : !meta.annotation(api::kCredentialsAnnotation).empty() &&
                                             std::ranges::none_of(meta.owners, [&](const auto& owner) {
                                               return input.liveUids.contains(owner.uid);
                                             });
    const std::string account = meta.name.substr(0, meta.name.rfind('.'));
    const bool deadCopy = meta.name.starts_with(api::kGrantAccountPrefix) && isLeaseCopy(*secret, account) &&
                          !runningAccounts.contains(account);
    if (isLeft || deadCopy) add(out, api::kSecrets, meta);
  }
  for (const auto& account : input.accounts) {
    const std::string& name = account->meta.name;
    // Policies reserve names derived from a grant's uid for the operator (SC404), so such an account belongs
    // to a grant even if its labels were removed.
    const bool isAGrants =
        api::isGrantAccount(name) || (name.starts_with(api::kGrantAccountPrefix) && labelled(account->meta));
    if (isAGrants && !liveAccounts.contains(name)) add(out, api::kServiceAccounts, account->meta);
    const std::string_view identity = account->meta.label(api::kIdentityLabel);
    const bool isBase = !identity.empty() &&
                        name == api::baseAccountName(identity, account->meta.label(api::kToolClassLabel));
    if (isBase && account->meta.owners.empty() && !input.identities.contains(identity))
      add(out, api::kServiceAccounts, account->meta);
  }
  return out;
}

}  // namespace errand::plan
