#include "operator/guards/spec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

namespace errand::guards {
namespace {

using nlohmann::json;

struct Default {
  const char* field;
  json value;
};

void drop(json& object, std::initializer_list<Default> defaults) {
  for (const Default& one : defaults)
    if (const auto it = object.find(one.field); it != object.end() && (it->is_null() || *it == one.value))
      object.erase(it);
}

void normaliseRules(json& owner, const char* field) {
  const auto rules = owner.find(field);
  if (rules == owner.end() || !rules->is_array()) return;
  for (json& rule : *rules)
    if (rule.is_object()) drop(rule, {{"scope", "*"}});
}

// Normalises a MatchResources, or the fields of a webhook that have the same meaning.
void normaliseMatch(json& match) {
  drop(match, {{"matchPolicy", "Equivalent"},
               {"namespaceSelector", json::object()},
               {"objectSelector", json::object()}});
  for (const char* field : {"resourceRules", "excludeResourceRules", "rules"}) normaliseRules(match, field);
  drop(match, {{"excludeResourceRules", json::array()}});
}

void normaliseWebhook(json& webhook) {
  normaliseMatch(webhook);
  drop(webhook, {{"failurePolicy", "Fail"}, {"timeoutSeconds", 10}, {"reinvocationPolicy", "Never"}});
  const auto client = webhook.find("clientConfig");
  if (client == webhook.end() || !client->is_object()) return;
  client->erase("caBundle");
  if (const auto service = client->find("service"); service != client->end() && service->is_object())
    drop(*service, {{"port", 443}});
}

std::string firstDifference(const json& a, const json& b, const std::string& path) {
  if (a == b) return {};
  if (a.is_object() && b.is_object()) {
    std::set<std::string> fields;
    for (const json* one : {&a, &b})
      for (const auto& item : one->items()) fields.insert(item.key());
    for (const std::string& field : fields) {
      const std::string at = path + "." + field;
      const auto in = a.find(field), other = b.find(field);
      if (in == a.end() || other == b.end()) return at;
      if (auto found = firstDifference(*in, *other, at); !found.empty()) return found;
    }
  }
  if (a.is_array() && b.is_array() && a.size() == b.size())
    for (size_t i = 0; i < a.size(); ++i)
      if (auto found = firstDifference(a[i], b[i], fmt::format("{}[{}]", path, i)); !found.empty())
        return found;
  return path;
}

}  // namespace

json normalised(std::string_view kind, json spec) {
  if (isConfiguration(kind)) {
    if (spec.is_array())
      for (json& webhook : spec)
        if (webhook.is_object()) normaliseWebhook(webhook);
    return spec;
  }
  if (!spec.is_object()) return spec;
  drop(spec, {{"failurePolicy", "Fail"}});
  for (const char* field : {"matchConstraints", "matchResources"})
    if (const auto match = spec.find(field); match != spec.end() && match->is_object()) {
      normaliseMatch(*match);
      if (match->empty()) spec.erase(match);
    }
  return spec;
}

std::string difference(std::string_view kind, const json& shipped, const json& stored) {
  return firstDifference(shipped, stored, isConfiguration(kind) ? "webhooks" : "spec");
}

}  // namespace errand::guards
