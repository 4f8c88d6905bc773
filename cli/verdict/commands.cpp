#include "cli/verdict/commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/api/accounts.hpp"
#include "core/api/provenance.hpp"

namespace errand::cli {
namespace {

using nlohmann::json;

bool isSafeInShell(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_./:@=,-").contains(c);
}

// Returns a name of an object that resembles the user's name.
std::string asObjectName(std::string_view user) {
  std::string out(user.substr(0, 100));
  std::ranges::transform(out, out.begin(), [](char c) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9') ? lower : '-';
  });
  return out;
}

std::string textOf(const json& patch) {
  return shellWord(patch.dump(-1, ' ', false, json::error_handler_t::replace));
}

}  // namespace

std::string shellWord(std::string_view text) {
  if (!text.empty() && std::ranges::all_of(text, isSafeInShell)) return std::string(text);
  std::string out = "'";
  for (const char c : text)
    if (c == '\'')
      out += "'\\''";
    else
      out += c;
  return out + "'";
}

std::string recreateCommand(std::string_view kind, std::string_view ns, std::string_view name,
                            const json& patch) {
  return fmt::format(
      "kubectl get {} {} -n {} -o json | kubectl patch --local -f - --type merge -p {} -o json | kubectl "
      "replace "
      "--force -f -",
      kind, shellWord(name), shellWord(ns), textOf(patch));
}

std::string recreateJob(std::string_view ns, std::string_view name, json patch) {
  // The API server has set the selector and these labels for the uid of the old Job.
  const json labels = {{"controller-uid", nullptr}, {"batch.kubernetes.io/controller-uid", nullptr}};
  const json unset = {{"spec", {{"selector", nullptr}, {"template", {{"metadata", {{"labels", labels}}}}}}}};
  patch.update(unset, true);  // a merge patch would drop the nulls
  return recreateCommand("job", ns, name, patch);
}

std::string recreateGrant(std::string_view ns, std::string_view name, json spec) {
  // Admission records the requester anew, and the operator adds its finalizer anew.
  json annotations = json::object();
  for (const std::string_view key : api::kRequesterKeys) annotations[std::string(key)] = nullptr;
  return recreateCommand("taskgrant", ns, name,
                         {{"metadata", {{"annotations", std::move(annotations)}, {"finalizers", nullptr}}},
                          {"spec", std::move(spec)}});
}

std::string patchCommand(std::string_view kind, std::string_view ns, std::string_view name,
                         const json& patch) {
  return fmt::format("kubectl patch {} {} -n {} --type merge -p {}", kind, shellWord(name), shellWord(ns),
                     textOf(patch));
}

std::string enrollCommand(std::string_view ns, const std::vector<std::string>& roles) {
  std::string out = "kubectl errand enroll " + shellWord(ns);
  for (const std::string& role : roles) out += " --bind " + shellWord(role);
  return out + " --apply";
}

std::string requesterCommand(std::string_view ns, std::string_view user) {
  const auto account = api::accountOfUser(user);
  const std::string subject =
      account
          ? fmt::format("--serviceaccount={}", shellWord(fmt::format("{}:{}", account->ns, account->name)))
          : fmt::format("--user={}", shellWord(user));
  return fmt::format("kubectl create rolebinding errand-requester-{} -n {} --clusterrole=errand-requester {}",
                     asObjectName(account ? account->name : user), shellWord(ns), subject);
}

}  // namespace errand::cli
