// Parses answers of the API server without metadata.managedFields.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "core/base/result.hpp"

namespace errand::kube {

// The place of the object in a document.
enum class Shape {
  Object,      // the document is one
  WatchEvent,  // {type, object}
};

// Like api::parseJson, but without metadata.managedFields: it is some 40 % of an
// object, and no decision here uses it. If a key occurs twice, the last value
// counts, as in Go's decoder.
Result<nlohmann::json> parseStripped(std::string_view text, Shape shape);

// Passes each item of a List to `f`, so that a page is never in memory as a
// whole; returns the rest. If the text is not JSON, returns Invalid before the
// first item. A document that is not an object has no items.
Result<nlohmann::json> parseListStripped(std::string_view text,
                                         const std::function<void(nlohmann::json&&)>& f);

}  // namespace errand::kube
