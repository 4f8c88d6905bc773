#include "cli/scan/world.hpp"

#include <nlohmann/json.hpp>

#include "core/api/resource.hpp"

namespace errand::cli {
namespace {

template <class T>
Result<void> take(std::string_view json, const std::string& ns,
                  std::map<std::pair<std::string, std::string>, std::shared_ptr<const T>, std::less<>>& all) {
  nlohmann::json object = nlohmann::json::parse(json, nullptr, false);
  // A file has no status, and what it claims of one counts for nothing.
  if (object.is_object()) object.erase("status");
  Result<T> decoded = api::decode<T>(object);
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

Result<void> World::add(std::string_view kind, std::string_view json, const std::string& ns) {
  if (kind == api::kAgentIdentities.kind) return take(json, ns, identities_);
  if (kind == api::kTaskGrants.kind) return take(json, ns, grants_);
  return {};
}

webhook::Views World::views() const {
  webhook::Views views;
  views.grant = [this](std::string_view ns, std::string_view name) { return find(grants_, ns, name); };
  views.grantOfAccount = [](auto, auto) { return std::shared_ptr<const api::TaskGrant>(); };
  views.identity = [this](std::string_view ns, std::string_view name) { return find(identities_, ns, name); };
  views.identities = [this](std::string_view ns) {
    std::vector<std::shared_ptr<const api::AgentIdentity>> out;
    for (const auto& [key, identity] : identities_)
      if (ns.empty() || key.first == ns) out.push_back(identity);
    return out;
  };
  views.mode = [](auto) { return webhook::Mode::Enforce; };
  views.operatorUser = "the operator";
  return views;
}

}  // namespace errand::cli
