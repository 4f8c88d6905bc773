// Parses hostile JSON for the readers of this folder. Only they may use it, because it includes
// all of simdjson.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/json/node.hpp"
#include "rules/view/podview.hpp"

namespace errand::rules {

// No object that an API server stores has as many elements of lists, entries of maps and searched strings.
inline constexpr size_t kMostEntries = size_t{1} << 16;

// Parses one review. A message shows a key only if it is no credential.
Result<std::shared_ptr<const JsonDocument>> parseReview(std::string_view text);

// Appends every string below this object, except those in the fields `but`. Their paths begin with `at`.
void readTexts(const JsonNode& node, std::string at, std::initializer_list<std::string_view> but,
               std::vector<Text>& out);

}  // namespace errand::rules
