#include "cli/scan/manifestindex.hpp"

#include <nlohmann/json.hpp>

#include "core/api/resource.hpp"
#include "core/json/value.hpp"

namespace errand::cli {
namespace {

// The status and creation time in a file are not trusted.
template <class T>
Result<T> decodedFromFile(std::string_view json) {
  Result<nlohmann::json> object = parseJson(json);
  if (!object) return std::unexpected(object.error());
  if (object->is_object()) {
    object->erase("status");
    if (const auto meta = object->find("metadata"); meta != object->end() && meta->is_object())
      meta->erase("creationTimestamp");
  }
  return api::decode<T>(*object);
}

}  // namespace

template <class T>
Result<void> ManifestIndex::take(std::string_view json, const std::string& ns, Origin origin) {
  Result<T> object = origin == Origin::File ? decodedFromFile<T>(json) : api::decodeText<T>(json);
  if (!object) return std::unexpected(object.error());
  object->meta.ns = ns;
  add(std::move(*object));
  return {};
}

Result<void> ManifestIndex::addObject(std::string_view kind, std::string_view json, const std::string& ns,
                                      Origin origin) {
  if (kind == api::kTaskGrants.kind) return take<api::TaskGrant>(json, ns, origin);
  if (kind == api::kExemptions.kind) return take<api::Exemption>(json, ns, origin);
  if (kind != api::kAgentIdentities.kind) return {};
  const Result<void> taken = take<api::AgentIdentity>(json, ns, origin);
  if (taken && ofNamespace(ns) == nullptr) addNamespace(ns, {{std::string(api::kEnforceLabel), "true"}});
  return taken;
}

void ManifestIndex::addNamespace(const std::string& name, const api::StringMap& labels) {
  api::PartialObject out;
  out.meta.name = name;
  out.meta.labels = labels;
  add(std::move(out));
}

void ManifestIndex::addRole(const rules::ObjectView& role, const std::string& ns) {
  const bool isCluster = role.kind == api::kClusterRoles.kind;
  if (role.group != api::kRoles.group || (!isCluster && role.kind != api::kRoles.kind)) return;
  if (isCluster) clusterRoles_.add(role);
  add({{role.kind, role.name}, isCluster ? "" : ns},
      std::make_shared<const rules::RoleFacts>(rules::roleFacts(role.rules)));
}

rules::Aggregation ManifestIndex::aggregationOf(const rules::ObjectView& role) const {
  return clusterRoles_.resolve(role.name, role.aggregation->selectors);
}

void ManifestIndex::addAggregated(const rules::ObjectView& role) {
  std::vector<api::PolicyRule> all = role.rules;
  for (rules::AggregatedRule& taken : aggregationOf(role).rules) all.push_back(std::move(taken.rule));
  add({{role.kind, role.name}, ""}, std::make_shared<const rules::RoleFacts>(rules::roleFacts(all)));
}

void ManifestIndex::addExtendedBuiltIns() {
  for (rules::AggregatedRoles::Extended& role : clusterRoles_.extendedBuiltIns()) {
    rules::RoleFacts facts = rules::roleFacts(role.rules);
    facts.additions = std::move(role.additions);
    add({{std::string(api::kClusterRoles.kind), role.name}, ""},
        std::make_shared<const rules::RoleFacts>(std::move(facts)));
  }
}

}  // namespace errand::cli
