// Parses answers of the API server without what nobody reads.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "core/base/result.hpp"

namespace errand::kube {

// Where the objects are in a document.
enum class Shape {
  Object,      // the document is one
  WatchEvent,  // {type, object}
  List,        // {items: [...]}
};

// As api::parseJson, with metadata.managedFields left out while parsing: it is
// some 40 % of an object and decides nothing here.
Result<nlohmann::json> parseLean(std::string_view text, Shape shape);

}  // namespace errand::kube
