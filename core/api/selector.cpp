#include "core/api/selector.hpp"

#include <algorithm>

#include "core/api/reader.hpp"

namespace errand::api {

void readSelector(const Reader& r, LabelSelector& out) {
  r.read("matchLabels", out.matchLabels);
  r.list("matchExpressions", out.matchExpressions, [](const Reader& e, LabelSelector::Requirement& req) {
    e.read("key", req.key);
    e.read("operator", req.op);
    e.read("values", req.values);
  });
}

nlohmann::json encode(const LabelSelector& s) {
  nlohmann::json out = nlohmann::json::object();
  put(out, "matchLabels", s.matchLabels);
  for (const auto& e : s.matchExpressions) {
    nlohmann::json one = {{"key", e.key}, {"operator", e.op}};
    if (!e.values.empty()) one["values"] = e.values;
    out["matchExpressions"].push_back(std::move(one));
  }
  return out;
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

}  // namespace errand::api
