#include "rules/catalogue/agentofpod.hpp"

#include <fmt/format.h>

#include "rules/view/describe.hpp"

namespace errand::rules {
namespace {

std::unexpected<NoAgent> refuse(std::string why, bool mayCome = false) {
  return std::unexpected(NoAgent{std::move(why), mayCome});
}

}  // namespace

std::expected<AgentOfPod, NoAgent> agentOfPod(const CheckInput& input) {
  const PodView& pod = input.pod;
  const std::string_view account = pod.account();
  if (!account.starts_with(api::kBaseAccountPrefix))
    return refuse(fmt::format("runs as {}, which is no agent's account", inQuotes(account)));
  const std::string_view rest = account.substr(api::kBaseAccountPrefix.size());
  const size_t dot = rest.find('.');
  if (dot == std::string_view::npos || dot == 0 || dot + 1 == rest.size())
    return refuse(
        fmt::format("runs as {}, which is not of the form errand-a.<agent>.<tool class>", inQuotes(account)));
  const std::string_view agent = rest.substr(0, dot);
  const std::string_view toolClass = rest.substr(dot + 1);

  AgentOfPod out{input.cluster.identity(input.ns, agent), nullptr};
  if (!out.identity)
    return refuse(
        fmt::format("runs as {}, but there is no AgentIdentity {}", inQuotes(account), inQuotes(agent)),
        input.stage == CheckStage::Written || input.stage == CheckStage::InFile);
  out.toolClass = out.identity->toolClass(toolClass);
  if (out.toolClass == nullptr)
    return refuse(fmt::format("runs as {}, but AgentIdentity {} has no tool class {}", inQuotes(account),
                              inQuotes(agent), inQuotes(toolClass)));
  if (!out.identity->podSelector.matches(pod.labels))
    return refuse(fmt::format(
        "runs as {}, but AgentIdentity {} does not select it: its labels do not match spec.podSelector",
        inQuotes(account), inQuotes(agent)));
  return out;
}

}  // namespace errand::rules
