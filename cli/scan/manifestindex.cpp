#include "cli/scan/manifestindex.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/api/resource.hpp"
#include "core/json/value.hpp"

namespace errand::cli {
namespace {

template <class T>
Result<void> take(std::string_view json, const std::string& ns, Origin origin,
                  std::map<std::pair<std::string, std::string>, std::shared_ptr<const T>, std::less<>>& all) {
  Result<nlohmann::json> object = parseJson(json);
  if (!object) return std::unexpected(object.error());
  // The status and creation time in a file are not trusted.
  if (origin == Origin::File && object->is_object()) {
    object->erase("status");
    if (const auto meta = object->find("metadata"); meta != object->end() && meta->is_object())
      meta->erase("creationTimestamp");
  }
  Result<T> decoded = api::decode<T>(*object);
  if (!decoded) return std::unexpected(decoded.error());
  decoded->meta.ns = ns;
  const auto key = std::pair(ns, decoded->meta.name);
  all[key] = std::make_shared<const T>(std::move(*decoded));
  return {};
}

template <class Map>
auto find(const Map& all, std::string_view ns, std::string_view name) -> typename Map::mapped_type {
  const auto it = all.find(std::pair(std::string(ns), std::string(name)));
  return it == all.end() ? nullptr : it->second;
}

}  // namespace

Result<void> ManifestIndex::add(std::string_view kind, std::string_view json, const std::string& ns,
                                Origin origin) {
  if (kind == api::kAgentIdentities.kind) return take(json, ns, origin, identities_);
  if (kind == api::kTaskGrants.kind) return take(json, ns, origin, grants_);
  if (kind == api::kExemptions.kind) return take(json, ns, origin, exemptions_);
  return {};
}

void ManifestIndex::addNamespace(const std::string& name, const api::StringMap& labels) {
  const auto label = labels.find(api::kEnforceLabel);
  modes_[name] = rules::modeOf(label == labels.end() ? "" : label->second);
}

void ManifestIndex::addRole(const rules::ObjectView& role, const std::string& ns) {
  if (role.group != api::kRoles.group) return;
  if (role.kind == api::kRoles.kind)
    rules_[{role.kind, ns, role.name}] = role.rules;
  else if (role.kind == api::kClusterRoles.kind)
    rules_[{role.kind, "", role.name}] = role.rules;
}

rules::Views ManifestIndex::views() const {
  rules::Views views;
  views.grant = [this](std::string_view ns, std::string_view name) { return find(grants_, ns, name); };
  views.grantOfAccount = [this](std::string_view ns, std::string_view account) {
    for (const auto& [key, grant] : grants_)
      if (key.first == ns && !grant->meta.uid.empty() && api::grantAccountName(grant->meta.uid) == account)
        return grant;
    return std::shared_ptr<const api::TaskGrant>();
  };
  views.identity = [this](std::string_view ns, std::string_view name) { return find(identities_, ns, name); };
  views.identities = [this](std::string_view ns) {
    std::vector<std::shared_ptr<const api::AgentIdentity>> out;
    for (const auto& [key, identity] : identities_)
      if (ns.empty() || key.first == ns) out.push_back(identity);
    return out;
  };
  views.exemptions = [this](std::string_view ns) {
    std::vector<std::shared_ptr<const api::Exemption>> out;
    for (const auto& [key, exemption] : exemptions_)
      if (key.first == ns) out.push_back(exemption);
    return out;
  };
  views.facts = [](std::string_view) { return std::nullopt; };  // files hold no facts of a running grant
  views.mode = [this](std::string_view ns) -> std::optional<rules::Mode> {
    if (const auto it = modes_.find(ns); it != modes_.end()) return it->second;
    const bool hasAgents =
        std::ranges::any_of(identities_, [&](const auto& entry) { return entry.first.first == ns; });
    return hasAgents ? std::optional(rules::Mode::Enforce) : std::nullopt;
  };
  views.rules = [this](std::string_view kind, std::string_view ns,
                       std::string_view name) -> const std::vector<api::PolicyRule>* {
    const auto it = rules_.find({std::string(kind), std::string(ns), std::string(name)});
    return it == rules_.end() ? nullptr : &it->second;
  };
  views.operatorUser = "the operator";
  return views;
}

}  // namespace errand::cli
