#include "cli/uninstall/guards.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace errand::cli {
namespace {

using Json = nlohmann::json;

const Json::json_pointer kSelector("/spec/matchResources/namespaceSelector");

Json exclusionOf(const std::string& ns) {
  return {{"key", "kubernetes.io/metadata.name"}, {"operator", "NotIn"}, {"values", {ns}}};
}

Json expressionsOf(const Json& binding) {
  const Json selector = binding.value(kSelector, Json::object());
  return selector.value("matchExpressions", Json::array());
}

Json patchOf(const Json& binding, Json matchResources) {
  return {{"metadata", {{"resourceVersion", binding["metadata"].value("resourceVersion", "")}}},
          {"spec", {{"matchResources", std::move(matchResources)}}}};
}

}  // namespace

std::optional<Json> excluding(const Json& binding, const std::string& ns) {
  Json expressions = expressionsOf(binding);
  if (std::ranges::find(expressions, exclusionOf(ns)) != expressions.end()) return std::nullopt;
  expressions.push_back(exclusionOf(ns));
  return patchOf(binding, {{"namespaceSelector", {{"matchExpressions", std::move(expressions)}}}});
}

std::optional<Json> including(const Json& binding, const std::string& ns) {
  Json expressions = expressionsOf(binding);
  const auto found = std::ranges::find(expressions, exclusionOf(ns));
  if (found == expressions.end()) return std::nullopt;
  expressions.erase(found);
  if (expressions.empty()) return patchOf(binding, nullptr);
  return patchOf(binding, {{"namespaceSelector", {{"matchExpressions", std::move(expressions)}}}});
}

}  // namespace errand::cli
