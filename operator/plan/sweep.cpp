#include "operator/plan/sweep.hpp"

#include <algorithm>

#include "core/api/taskgrant.hpp"
#include "operator/plan/checks/derived.hpp"

namespace errand::plan {
namespace {

constexpr std::string_view kGrantPrefix = "errand-g.";

// True for a name that is derived from a grant's uid alone. Policies reserve it for the operator (SC404), so
// such an account belongs to a grant even if its labels were removed.
bool isGrantAccount(std::string_view name) {
  constexpr size_t kDigits = 20;
  if (!name.starts_with(kGrantPrefix)) return false;
  name.remove_prefix(kGrantPrefix.size());
  return name.size() == kDigits && name.find_first_not_of("0123456789abcdef") == name.npos;
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
    if (!name.starts_with(kGrantPrefix) || runningAccounts.contains(account)) continue;
    const bool bindsIt = binding->subjects.size() == 1 && binding->subjects[0].kind == "ServiceAccount" &&
                         binding->subjects[0].name == account && binding->subjects[0].ns == binding->meta.ns;
    if (labelled(binding->meta) || bindsIt) add(out, api::kRoleBindings, binding->meta);
  }
  for (const auto& secret : input.secrets) {
    const api::ObjectMeta& meta = secret->meta;
    if (!meta.name.starts_with("errand-")) continue;
    // Without labels, its list of credentials identifies a slot, and its owner the grant.
    const bool isLeft = labelled(meta) ? !input.liveUids.contains(meta.label(api::kGrantUidLabel))
                                       : !meta.annotation(api::kCredentialsAnnotation).empty() &&
                                             std::ranges::none_of(meta.owners, [&](const auto& owner) {
                                               return input.liveUids.contains(owner.uid);
                                             });
    const std::string account = meta.name.substr(0, meta.name.rfind('.'));
    const bool deadCopy = meta.name.starts_with(kGrantPrefix) && isLeaseCopy(*secret, account) &&
                          !runningAccounts.contains(account);
    if (isLeft || deadCopy) add(out, api::kSecrets, meta);
  }
  for (const auto& account : input.accounts) {
    const std::string& name = account->meta.name;
    const bool isAGrants =
        isGrantAccount(name) || (name.starts_with(kGrantPrefix) && labelled(account->meta));
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
