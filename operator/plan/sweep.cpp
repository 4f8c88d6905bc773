#include "operator/plan/sweep.hpp"

#include <algorithm>

#include "core/api/taskgrant.hpp"
#include "operator/plan/judge/facts.hpp"

namespace errand::plan {
namespace {

constexpr std::string_view kGrantPrefix = "errand-g.";

}  // namespace

std::vector<Leftover> leftovers(const SweepInput& input) {
  std::set<std::string, std::less<>> liveAccounts;
  for (const std::string& uid : input.liveUids) liveAccounts.insert(api::grantAccountName(uid));
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
    if (!name.starts_with(kGrantPrefix) || liveAccounts.contains(account)) continue;
    const bool bindsIt = binding->subjects.size() == 1 && binding->subjects[0].kind == "ServiceAccount" &&
                         binding->subjects[0].name == account && binding->subjects[0].ns == binding->meta.ns;
    if (labelled(binding->meta) || bindsIt) add(out, api::kRoleBindings, binding->meta);
  }
  for (const auto& secret : input.secrets) {
    const std::string account = secret->meta.name.substr(0, secret->meta.name.rfind('.'));
    const bool deadCopy = secret->meta.name.starts_with(kGrantPrefix) && isLeaseCopy(*secret, account) &&
                          !liveAccounts.contains(account);
    if (secret->meta.name.starts_with("errand-") && labelled(secret->meta) &&
        !input.liveUids.contains(secret->meta.label(api::kGrantUidLabel)))
      add(out, api::kSecrets, secret->meta);
    else if (deadCopy)
      add(out, api::kSecrets, secret->meta);
  }
  for (const auto& account : input.accounts)
    if (account->meta.name.starts_with(kGrantPrefix) && labelled(account->meta) &&
        !liveAccounts.contains(account->meta.name))
      add(out, api::kServiceAccounts, account->meta);
  return out;
}

}  // namespace errand::plan
