// Parses answers of the API server without what nobody reads.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "core/base/result.hpp"

namespace errand::kube {

// Where the objects are in a document.
enum class Shape {
  Object,      // the document is one
  WatchEvent,  // {type, object}
};

// As api::parseJson, with metadata.managedFields left out: it is some 40 % of an
// object and decides nothing here. Of a key that comes twice the last value
// counts, as to Go's decoder.
Result<nlohmann::json> parseStripped(std::string_view text, Shape shape);

// Gives each of a List's items to `f`, so that a page is never in memory as a
// whole; returns the rest. Invalid before the first item where the text is no
// JSON; a document that is no object has no items.
Result<nlohmann::json> parseListStripped(std::string_view text,
                                         const std::function<void(nlohmann::json&&)>& f);

}  // namespace errand::kube
