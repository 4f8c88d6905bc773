#include "core/api/agentidentity.hpp"

#include <algorithm>

#include "core/api/table/agentidentity.hpp"
#include "core/api/table/codec.hpp"

namespace errand::api {

std::string_view toString(Risk risk) {
  const std::string_view name = nameOf(risk);
  return name.empty() ? "Critical" : name;
}

const Audience* Ceiling::audience(std::string_view name) const {
  const auto it = std::ranges::find(audiences, name, &Audience::name);
  return it == audiences.end() ? nullptr : &*it;
}

const AllowedRole* Ceiling::role(std::string_view kind, std::string_view name) const {
  const auto& list = kind == "ClusterRole" ? clusterRoles : roles;
  const auto it = std::ranges::find(list, name, &AllowedRole::name);
  return it == list.end() ? nullptr : &*it;
}

const ToolClass* AgentIdentity::toolClass(std::string_view name) const {
  const auto it = std::ranges::find(toolClasses, name, &ToolClass::name);
  return it == toolClasses.end() ? nullptr : &*it;
}

bool LabelSelector::matches(const StringMap& labels) const {
  for (const auto& [key, value] : matchLabels) {
    const auto it = labels.find(key);
    if (it == labels.end() || it->second != value) return false;
  }
  return std::ranges::all_of(matchExpressions, [&](const Requirement& e) {
    const auto it = labels.find(e.key);
    const bool present = it != labels.end();
    const bool listed = present && std::ranges::find(e.values, it->second) != e.values.end();
    if (e.op == "In") return listed;
    if (e.op == "NotIn") return !listed;
    if (e.op == "Exists") return present;
    if (e.op == "DoesNotExist") return !present;
    return false;
  });
}

ERRAND_DECODES(AgentIdentity)

nlohmann::json encode(const AgentIdentity& identity) { return writeFields(identity); }
nlohmann::json encode(const AgentIdentity::Status& status) { return writeFields(status); }

}  // namespace errand::api
