// Helpers that the codecs of our kinds share: risks, list-maps of objects with only a name, and
// whether a role's danger is accepted.
#pragma once

#include "core/api/agentidentity.hpp"
#include "core/api/reader.hpp"

namespace errand::api {

inline constexpr std::pair<std::string_view, Risk> kRisks[] = {
    {"Low", Risk::Low}, {"Medium", Risk::Medium}, {"High", Risk::High}, {"Critical", Risk::Critical}};

inline void readNames(const Reader& r, const char* key, std::vector<std::string>& out) {
  r.list(key, out, [](const Reader& item, std::string& name) { item.read("name", name); });
}

inline void putNames(nlohmann::json& out, const char* key, const std::vector<std::string>& names) {
  for (const std::string& name : names) out[key].push_back({{"name", name}});
}

inline constexpr std::string_view kDangerAccepted = "Accepted";

// The danger is accepted only if the field holds exactly that word.
inline void readDanger(const Reader& role, bool& accepted) {
  std::string word;
  role.read("dangerous", word);
  accepted = word == kDangerAccepted;
}

inline void putDanger(nlohmann::json& role, bool accepted) {
  if (accepted) role["dangerous"] = kDangerAccepted;
}

}  // namespace errand::api
