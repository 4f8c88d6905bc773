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

// The most elements of lists, entries of maps and searched strings of one text. No object that an API server
// stores has as many.
inline constexpr size_t kMostEntries = size_t{1} << 16;

// Parses an AdmissionReview or an object. Fails with Invalid as JsonDocument::parse() does. A message shows a
// key only if it is no credential. A reader records an error once it has read kMostEntries.
Result<std::shared_ptr<const JsonDocument>> parseReview(std::string_view text);

// Appends every string below the node, except those in its own fields `but`. Their paths begin with `at`.
void readTexts(const JsonNode& node, std::string at, std::initializer_list<std::string_view> but,
               std::vector<Text>& out);

}  // namespace errand::rules
